package subsonic

func (s *Server) listing() map[string]verb { return nil }
