// The room of Module.
