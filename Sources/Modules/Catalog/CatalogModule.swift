// The room of Catalog.
