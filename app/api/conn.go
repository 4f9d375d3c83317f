package api

import (
	"context"
	"net"
)

// sendBuffer is the room the kernel gets for what a listener has not taken
// yet, in bytes. Left to itself the kernel lets it grow to more than a
// megabyte for each slow listener; a small machine has about 96 MB for all.
const sendBuffer = 128 << 10

// ConnContext tunes a new connection; it is made for http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = t.NetConn()
	}
	if t, ok := c.(interface{ SetWriteBuffer(int) error }); ok {
		// A kernel that declines keeps its own size, which works too.
		_ = t.SetWriteBuffer(sendBuffer)
	}
	return ctx
}
