package db_test

const childFlag = "-child"

func child(args []string) int { return 0 }
