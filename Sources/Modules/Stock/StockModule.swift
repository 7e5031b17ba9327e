// The room of Stock.
