package snapshots

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	bodySuffix      = ".body"
	rejectionSuffix = ".json"
)

// The bounds of the quarantine of a group. It has the newest body of each reason, so that one fault that lasts for
// weeks does not fill it.
const (
	maxBodies     = 10
	maxQuarantine = 5 << 20 // bytes
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
	Gone         bool      `json:"gone,omitempty"` // in a check: the source said that it has no such group, and Since is when it first did
}

// Quarantine keeps a body that was refused, and returns the path of its file. A body
// that is kept already is not kept again, and nothing is written. Bodies that were refused for the same reason
// before, or for one that differs in numbers alone, are removed, and so are the oldest ones where there are more than 10 or they have more than 5 MiB. A body that
// is larger is not kept, and the path is empty.
func (s *Store) Quarantine(body []byte, r Rejection) (file string, err error) {
	file, err = s.quarantine(body, r)
	if err != nil {
		return "", fmt.Errorf("keeping a refused body: %w", err)
	}
	if file == "" {
		return "", nil
	}
	return s.path(file), nil
}

func (s *Store) quarantine(body []byte, r Rejection) (string, error) {
	if !validTime(r.Seen) {
		return "", errors.New("the time at which it was seen is missing")
	}
	if err := s.writable(); err != nil {
		return "", err
	}
	if len(body) > maxQuarantine {
		return "", nil
	}
	kept, err := s.rejections()
	if err != nil {
		return "", err
	}
	r.SHA256, r.Size, r.Seen = digest(body), len(body), r.Seen.UTC().Truncate(time.Second)
	for stem, old := range kept {
		if old.SHA256 == r.SHA256 {
			return stem + bodySuffix, nil
		}
	}
	stem, err := s.freeStem(r.Seen)
	if err != nil {
		return "", err
	}
	for _, old := range surplus(kept, r) {
		for _, suffix := range []string{rejectionSuffix, bodySuffix} { // a kill in between leaves a body, which the next run removes
			if err := s.remove(old + suffix); err != nil {
				return "", err
			}
		}
	}
	if err := s.write(stem+bodySuffix, body); err != nil {
		return "", err
	}
	return stem + bodySuffix, s.writeJSON(stem+rejectionSuffix, r)
}

// numbers matches what differs between two bodies that are refused for the same reason.
var numbers = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9]+`) })

// sameReason reports whether two reasons differ in nothing but numbers.
func sameReason(a, b string) bool {
	return numbers().ReplaceAllLiteralString(a, "0") == numbers().ReplaceAllLiteralString(b, "0")
}

// surplus returns which of the kept bodies are to be removed before another is added.
func surplus(kept map[string]Rejection, added Rejection) (remove []string) {
	bodies, size := 1, added.Size
	newestFirst := slices.SortedFunc(maps.Keys(kept), func(a, b string) int { return strings.Compare(b, a) })
	for _, stem := range newestFirst {
		r := kept[stem]
		if sameReason(r.Reason, added.Reason) || bodies == maxBodies || size+r.Size > maxQuarantine {
			remove = append(remove, stem)
			continue
		}
		bodies, size = bodies+1, size+r.Size
	}
	return remove
}

// freeStem returns the name without its suffix for a body refused at that time, or in
// the first second after it of which there is neither a body nor a description.
func (s *Store) freeStem(seen time.Time) (string, error) {
	files, err := s.files(s.group.Quarantine(), func(string) bool { return true })
	if err != nil {
		return "", err
	}
	for {
		stem := path.Join(s.group.Quarantine(), FormatID(seen))
		if !slices.Contains(files, stem+bodySuffix) && !slices.Contains(files, stem+rejectionSuffix) {
			return stem, nil
		}
		seen = seen.Add(time.Second)
	}
}

// rejections returns what is in quarantine, by the files' names without suffix. It leaves out the descriptions that are
// damaged, which [Store.Verify] names.
func (s *Store) rejections() (map[string]Rejection, error) {
	files, err := s.files(s.group.Quarantine(), withSuffix(rejectionSuffix))
	if err != nil {
		return nil, err
	}
	kept := make(map[string]Rejection, len(files))
	for _, file := range files {
		var r Rejection
		if _, err := s.readJSON(file, &r); err != nil && !errors.Is(err, ErrCorrupt) {
			return nil, err
		} else if err == nil {
			kept[strings.TrimSuffix(file, rejectionSuffix)] = r
		}
	}
	return kept, nil
}

// repairQuarantine removes descriptions without a body, and describes bodies again whose description is damaged, as far as the
// body alone allows it.
func (s *Store) repairQuarantine() error {
	files, err := s.files(s.group.Quarantine(), withSuffix(rejectionSuffix))
	if err != nil {
		return err
	}
	for _, file := range files {
		stem := strings.TrimSuffix(file, rejectionSuffix)
		var r Rejection
		_, damage := s.readJSON(file, &r)
		body, err := s.read(stem + bodySuffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = s.remove(file)
		case err == nil && (damage != nil || r.SHA256 != digest(body) || r.Size != len(body)):
			seen, _ := ParseID(path.Base(stem))
			err = s.writeJSON(file, Rejection{Seen: seen, Reason: "unknown: its description was damaged", SHA256: digest(body), Size: len(body)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
