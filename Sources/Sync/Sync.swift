// The room of Sync.
