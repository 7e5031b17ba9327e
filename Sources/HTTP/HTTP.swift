// The room of HTTP.
