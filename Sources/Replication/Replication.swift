// The room of Replication.
