// The room of Node.
