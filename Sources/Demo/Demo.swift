// The room of Demo.
