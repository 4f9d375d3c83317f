package search_test

const childFlag = "-earshot-child"

func child(args []string) int { return 0 }
