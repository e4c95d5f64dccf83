package lookup

import (
	"slices"

	"github.com/ianasync/ianasync/registry/ports"
)

// Within is the answer about a range of ports.
type Within struct {
	Ports   string         `json:"ports"` // "6000-6063"
	Records []ports.Record `json:"records"`
}

// OfRange returns the records of an edition that hold a port of a range; if transports are given, those of these alone and those
// without a transport.
func OfRange(e *ports.Edition, within ports.Ports, only ...ports.Transport) (*Within, error) {
	t, err := e.Where(func(o *ports.Outline) bool { return o.Ports.Overlaps(within) })
	if err != nil {
		return nil, err
	}
	records := slices.DeleteFunc(slices.Clone(t.Records), func(r ports.Record) bool {
		return len(only) > 0 && r.Transport != "" && !slices.Contains(only, r.Transport)
	})
	return &Within{within.String(), append([]ports.Record{}, records...)}, nil
}
