// The room of Tabular.
