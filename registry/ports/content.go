package ports

import "github.com/ianasync/ianasync/registry"

// Facts implements [registry.Content].
func (t *Table) Facts() registry.Facts {
	return registry.Facts{Digest: t.Digest(), Records: len(t.Records), Problems: len(t.Problems), Unknown: len(t.Unknown)}
}

// Facts implements [registry.Content].
func (d *Decoded) Facts() registry.Facts { return d.Table.Facts() }

// GroupID returns the id of the group that the registry is in, which is its own.
func (r *Registry) GroupID() string { return r.ID }

// Alone reports whether the registry is the only one of its group.
func (*Registry) Alone() bool { return true }

// DecodeContent is [Decoded.Next] for those who need no table: known is an edition that differs little, or nil.
func (*Registry) DecodeContent(data []byte, known registry.Content) (registry.Content, error) {
	last, _ := known.(*Decoded)
	d, err := last.Next(data)
	if err != nil {
		return nil, err
	}
	return d, nil
}
