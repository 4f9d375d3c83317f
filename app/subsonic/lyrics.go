package subsonic

func (s *Server) absent() map[string]verb { return nil }
