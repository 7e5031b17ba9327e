// The room of Page.
