// Tests of one room.
