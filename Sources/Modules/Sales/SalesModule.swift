// The room of Sales.
