// The room of People.
