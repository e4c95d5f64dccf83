package snapshots

import (
	"io/fs"
	"os"
	"testing"
)

// sequential is a file system whose files can be read from the beginning alone, as those of a zip archive.
type sequential struct{ fs.FS }

func (s sequential) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return f, err
	}
	return struct{ fs.File }{f}, nil
}

// Parts of a derived file can be read in a folder and in any other file system.
func TestReadDerivedPart(t *testing.T) {
	s := open(t, t.TempDir())
	importAll(t, s, edition(1, 1))
	name := s.group.SubjectsOf("2026")
	if _, err := s.WriteDerived(name, []byte("0123456789")); err != nil {
		t.Fatal(err)
	}
	held, err := OpenFS(sequential{os.DirFS(s.Dir())}, "the archive", testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]*Store{"a folder": s, "an archive": held} {
		for _, test := range []struct {
			offset int64
			size   int
			want   string
		}{{0, 10, "0123456789"}, {3, 4, "3456"}, {10, 0, ""}, {8, 3, ""}, {11, 0, ""}, {-1, 2, ""}, {2, -1, ""}, {1 << 62, 1 << 62, ""}} {
			part, err := s.ReadDerivedPart(name, test.offset, test.size)
			if whole := test.want != "" || test.offset == 10; string(part) != test.want || (err == nil) != whole {
				t.Errorf("%d bytes from %d on in %s: %q, %v; want %q", test.size, test.offset, what, part, err, test.want)
			}
		}
		if _, err := s.ReadDerivedPart(s.group.Versions(), 0, 1); err == nil {
			t.Errorf("versions.jsonl in %s is read as a derived file", what)
		}
	}
}
