package api

import (
	"net/http"
	"strings"

	"earshot/app/fault"
)

// named takes whoever a trusted proxy says it is. The proxy's word goes before
// a token's. Pages are answered even if the account lets nobody in: the app
// asks the API, which says why.
func (s *Server) named(r *http.Request, ex *exchange) (bool, error) {
	if s.signer == "" || !s.believed(r) {
		return false, nil
	}
	names := r.Header.Values(s.signer)
	if len(names) == 0 || len(names) == 1 && names[0] == "" {
		return false, nil
	}
	if len(names) > 1 {
		return true, fault.New(fault.Invalid, "proxy.twice", "The proxy names two people at once. Its header has to be set anew, not added to.")
	}
	asker, err := s.core.ByProxy(r.Context(), names[0])
	ex.asker, ex.proxied = asker, err != nil || asker.User != 0
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal && !strings.HasPrefix(r.URL.Path, "/api/") {
		return true, nil
	}
	return true, err
}
