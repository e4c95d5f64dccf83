package snapshots

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

const (
	bodySuffix      = ".body"
	rejectionSuffix = ".json"
)

// Rejection describes a body that was not believed to be the registry. The quarantine has one
// for each body that it keeps, and the last [Check] has that of what is still served.
type Rejection struct {
	Seen         time.Time `json:"seen,omitzero"` // when the body was served; to the second, UTC
	Source       string    `json:"source,omitempty"`
	Status       int       `json:"status,omitempty"` // of HTTP
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Reason       string    `json:"reason"`
	SHA256       string    `json:"sha256"`         // of the body; set by [Store.Quarantine]
	Size         int       `json:"size,omitempty"` // likewise
	Since        time.Time `json:"since,omitzero"` // in a check: when these bytes were first refused
}

// Quarantine keeps a body that was refused, and returns the path of its file. A body
// that is kept already is not kept again, and nothing is written.
func (s *Store) Quarantine(body []byte, r Rejection) (file string, err error) {
	file, err = s.quarantine(body, r)
	if err != nil {
		return "", fmt.Errorf("keeping a refused body: %w", err)
	}
	return s.path(file), nil
}

func (s *Store) quarantine(body []byte, r Rejection) (string, error) {
	if !validTime(r.Seen) {
		return "", errors.New("there is no time at which it was seen")
	}
	if err := s.writable(); err != nil {
		return "", err
	}
	kept, err := s.refusals()
	if err != nil {
		return "", err
	}
	r.SHA256, r.Size, r.Seen = digest(body), len(body), r.Seen.UTC().Truncate(time.Second)
	for stem, old := range kept {
		if old.SHA256 == r.SHA256 {
			return stem + bodySuffix, nil
		}
	}
	stem := freeStem(kept, r.Seen)
	if err := s.write(stem+bodySuffix, body); err != nil {
		return "", err
	}
	return stem + bodySuffix, s.writeJSON(stem+rejectionSuffix, r)
}

// freeStem returns the name without its suffix for a body refused at that time, or in
// the first free second after it.
func freeStem(kept map[string]Rejection, seen time.Time) string {
	for {
		stem := path.Join(layout.Quarantine, FormatID(seen))
		if _, taken := kept[stem]; !taken {
			return stem
		}
		seen = seen.Add(time.Second)
	}
}

// refusals returns what is in quarantine, by the files' name without suffix.
func (s *Store) refusals() (map[string]Rejection, error) {
	files, err := s.files(layout.Quarantine, func(name string) bool { return strings.HasSuffix(name, rejectionSuffix) })
	if err != nil {
		return nil, err
	}
	kept := make(map[string]Rejection, len(files))
	for _, file := range files {
		var r Rejection
		if _, err := s.readJSON(file, &r); err != nil {
			return nil, err
		}
		kept[strings.TrimSuffix(file, rejectionSuffix)] = r
	}
	return kept, nil
}
