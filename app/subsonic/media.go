package subsonic

func (s *Server) playing() map[string]verb { return nil }
