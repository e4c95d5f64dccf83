package snapshots

import (
	"bytes"
	"fmt"
)

// Stylesheet returns the stylesheet of the group as it was last served, from which columns have their labels for people. Where there is
// none the error is an [fs.ErrNotExist].
func (s *Store) Stylesheet() ([]byte, error) { return s.read(s.group.Stylesheet()) }

// SetStylesheet keeps the stylesheet of the group in place of an earlier one. Nothing but labels depends on it, so that it is neither
// part of a version nor of what is derived. It writes nothing where the bytes are the same.
func (s *Store) SetStylesheet(data []byte) error {
	if err := s.writable(); err != nil {
		return err
	}
	name := s.group.Stylesheet()
	if old, err := s.read(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := s.write(name, data); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
