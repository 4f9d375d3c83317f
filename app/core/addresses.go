package core

import (
	"context"

	"earshot/db"
)

// Addresses gives the keeper the addresses at which phones in the house reach
// it, the best first.
func (c *Core) Addresses(ctx context.Context, me db.ID) ([]string, error) {
	if err := c.MayKeep(ctx, me); err != nil || c.phones == nil {
		return nil, err
	}
	return c.phones(), nil
}
