package porthistory

import (
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// Blame is a record with the version since which each of its columns has its value.
type Blame struct {
	Record ports.Record    `json:"record"`
	Fields []history.Since `json:"fields"` // all columns, in IANA's order
}

// Blame returns, for the records that the newest version of the past has on a port, since when each column has its value: see
// [portrules.Trail].
func (p *Past) Blame(port uint16, records []ports.Record) ([]Blame, error) {
	fields, err := p.BlameAll(portrules.Trail{Port: port}, ports.GenericColumns(), ports.Untyped(records)...)
	if err != nil {
		return nil, err
	}
	blames := make([]Blame, len(records))
	for i, r := range records {
		blames[i] = Blame{r, fields[i]}
	}
	return blames, nil
}
