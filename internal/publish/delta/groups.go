package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/snapshots"
)

// The files of groups other than the service names are small and rarely change, and what they state is more than records. So
// followers fetch them as IANA served them, compressed with zstd: an index lists all groups, each with its newest version and those
// shortly before it. The versions of a group are one frame, in which all that they have in common is there once.

// IndexFile is the name of the index of groups.
const IndexFile = "delta/groups.json"

// mostBytes is how many bytes the versions of a group have together at most, before they are compressed: what a follower needs of memory.
// Older ones are not published.
const mostBytes = 64 << 20

// kept is the time before the newest version of a group of which its older versions are published, for those who follow it less often
// than it changes.
const kept = 31 * 24 * time.Hour

// Index lists the groups that followers can fetch.
type Index struct {
	Format  int    `json:"format"`
	Source  string `json:"source"`
	Licence string `json:"licence"`
	// Notification is the name of the notification of the service names; empty if they are not published.
	Notification string       `json:"notification,omitempty"`
	Groups       []IndexGroup `json:"groups"` // by their ids
}

// IndexGroup is one group.
type IndexGroup struct {
	Group string `json:"group"`
	// Checked is when the publisher last found that the newest version is what IANA serves; zero where that is not known.
	Checked  time.Time      `json:"checked,omitzero"`
	Name     string         `json:"url"`      // of a zstd frame with the bytes of the versions, one after the other, from the folder of the notification
	Versions []GroupVersion `json:"versions"` // oldest first; at least one
}

// Newest returns the newest version.
func (g *IndexGroup) Newest() GroupVersion { return g.Versions[len(g.Versions)-1] }

// GroupVersion is one version of a group.
type GroupVersion struct {
	Version string `json:"version"`
	SHA256  string `json:"sha256"` // of its bytes
	Size    int    `json:"size"`
}

// compress returns the bytes of editions, one after the other, as a zstd frame.
func compress(editions [][]byte) ([]byte, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	return enc.EncodeAll(slices.Concat(editions...), nil), enc.Close()
}

// Decompress returns the bytes of the versions of a group from their frame. A frame that has more bytes than the index states, or
// fewer, is an error; it takes no more memory than these.
func (g *IndexGroup) Decompress(frame []byte) ([][]byte, error) {
	size := 0
	for _, v := range g.Versions {
		size += v.Size
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	data, err := dec.DecodeAll(frame, make([]byte, 0, size))
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return nil, fmt.Errorf("it has more than the %d bytes that the index states", size)
	case err != nil:
		return nil, err
	case len(data) != size:
		return nil, fmt.Errorf("it has %d bytes; the index states %d", len(data), size)
	}
	var editions [][]byte
	for _, v := range g.Versions {
		editions = append(editions, data[:v.Size:v.Size])
		data = data[v.Size:]
	}
	return editions, nil
}

// GroupFiles yields the index of some groups, by their stores, and for each the bytes of the versions that it lists, unless has reports
// that they are published. It yields nothing where no group has a version. Notified reports whether there is a notification.
func GroupFiles(ctx context.Context, stores []*snapshots.Store, notified bool, has func(name, of string) bool) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		x := Index{Format: format, Source: "https://www.iana.org/protocols", Licence: "CC0-1.0"}
		if notified {
			x.Notification = NotificationFile
		}
		for _, s := range stores {
			if err := ctx.Err(); err != nil {
				yield(history.File{}, err)
				return
			}
			versions := recent(s)
			if len(versions) == 0 {
				continue
			}
			check, _, err := s.Check()
			if err != nil {
				yield(history.File{}, err)
				return
			}
			g := IndexGroup{Group: s.Registry(), Checked: check.Confirmed}
			for _, v := range versions {
				g.Versions = append(g.Versions, GroupVersion{v.ID, v.SHA256, v.Size})
			}
			g.Name = path.Join("delta", g.Group, g.Newest().Version+".zst")
			file := history.File{Name: g.Name, Of: reuse.Digest("versions of a group", g.Versions)}
			if file.Same = has(file.Name, file.Of); !file.Same {
				file.Data, err = frameOf(s, versions)
			}
			if !yield(file, err) || err != nil {
				return
			}
			x.Groups = append(x.Groups, g)
		}
		if len(x.Groups) == 0 {
			return
		}
		slices.SortFunc(x.Groups, func(a, b IndexGroup) int { return strings.Compare(a.Group, b.Group) })
		text, err := json.MarshalIndent(x, "", " ")
		yield(history.File{Name: IndexFile, Data: append(text, '\n')}, err)
	}
}

// frameOf returns versions of a store as a zstd frame.
func frameOf(s *snapshots.Store, versions []snapshots.Version) ([]byte, error) {
	var editions [][]byte
	for _, v := range versions {
		data, err := s.Bytes(v)
		if err != nil {
			return nil, err
		}
		editions = append(editions, data)
	}
	return compress(editions)
}

// recent returns the newest version of a store, and those before it that are published too.
func recent(s *snapshots.Store) []snapshots.Version {
	versions := s.Versions()
	newest, found := s.Latest()
	if !found {
		return nil
	}
	from, size := len(versions)-1, newest.Size
	for from > 0 && newest.Seen().Sub(versions[from-1].Seen()) <= kept && size+versions[from-1].Size <= mostBytes {
		from--
		size += versions[from].Size
	}
	return versions[from:]
}

// ParseIndex reads an index. It returns an error where it is not what it has to be: names below its folder, and of each group
// versions in the order of time. Valid reports whether a text can be the id of a group.
func ParseIndex(data []byte, valid func(group string) bool) (*Index, error) {
	var x Index
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, fmt.Errorf("invalid index: %w", err)
	}
	if x.Format != format {
		return nil, fmt.Errorf("unsupported index: its format is not %d", format)
	}
	for i := range x.Groups {
		g := &x.Groups[i]
		switch {
		case !valid(g.Group):
			return nil, fmt.Errorf("%.60q cannot be the name of a group", g.Group)
		case i > 0 && x.Groups[i-1].Group >= g.Group:
			return nil, errors.New("the groups are not in order, or one is there twice")
		case len(g.Versions) == 0:
			return nil, fmt.Errorf("%s has no version", g.Group)
		}
		size := 0
		for j := range g.Versions {
			v := &g.Versions[j]
			if _, err := snapshots.ParseID(v.Version); err != nil {
				return nil, fmt.Errorf("%s: %w", g.Group, err)
			}
			if err := checkFile(g.Name, v.SHA256); err != nil {
				return nil, fmt.Errorf("%s: %w", g.Group, err)
			}
			if size += v.Size; v.Size < 0 || v.Size > mostBytes || size > mostBytes {
				return nil, fmt.Errorf("the versions of %s have not between 0 and %d bytes", g.Group, mostBytes)
			}
			if j > 0 && g.Versions[j-1].Version >= v.Version {
				return nil, fmt.Errorf("the versions of %s are not in order", g.Group)
			}
		}
	}
	return &x, nil
}
