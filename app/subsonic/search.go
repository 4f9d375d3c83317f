package subsonic

func (s *Server) searching() map[string]verb { return nil }
