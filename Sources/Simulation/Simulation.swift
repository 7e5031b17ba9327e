// The room of Simulation.
