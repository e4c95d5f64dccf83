package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const header = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n"

// An edition of a group names it, and the day on which it was updated, in all of its registries.
func TestGroup(t *testing.T) {
	t.Chdir(t.TempDir())
	const begin = `<registry xmlns="http://www.iana.org/assignments" id="tls-parameters">`
	for name, text := range map[string]string{
		"1.xml": begin + `<updated>2018-03-26</updated><registry id="a"><updated>2018-03-27</updated></registry><registry id="b"><updated>2019-01-01</updated></registry></registry>`,
		"2.xml": begin,
		"3.xml": begin + `<registry id="a"><updated>27 March</updated></registry></registry>`,
		"4.csv": "<" + header,
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d := Dater{Now: time.Date(2018, 12, 31, 0, 0, 0, 0, time.UTC), Read: os.ReadFile}
	for name, want := range map[string]File{
		"1.xml": {Group: "tls-parameters", Seen: time.Date(2018, 3, 27, 0, 0, 0, 0, time.UTC), Inner: true},
		"2.xml": {Group: "tls-parameters", Unfit: errors.New("not the registry group: line 1, column 71: the document ends before </registry>: it is cut off")},
		"3.xml": {Group: "tls-parameters", Unfit: errors.New("no date in its name or contents; give it one with --time")},
	} {
		list, err := d.Date(t.Context(), []string{name})
		if err != nil {
			t.Fatal(err)
		}
		want.Name = name
		if got := list[0]; got.Group != want.Group || !got.Seen.Equal(want.Seen) || got.Inner != want.Inner || fmt.Sprint(got.Unfit) != fmt.Sprint(want.Unfit) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	d.Given = d.Now
	if list, err := d.Date(t.Context(), []string{"4.csv"}); err != nil || list[0].Group != "" {
		t.Errorf("%+v, %v: it names no group", list, err)
	}
	d.Group = "cose"
	if list, err := d.Date(t.Context(), []string{"1.xml"}); err != nil || list[0].Group != "cose" {
		t.Errorf("%+v, %v; want the group that was given", list, err)
	}
}

func TestDate(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"ports-2018-03-28.csv":        "",
		"20180327T225601Z.csv":        "",
		"v1.2-20180329040506.csv":     "",
		"2018-13-45-and-20180330.csv": "",
		"inner.csv":                   header + "a,1,tcp,,,,2018-03-26,,,,,\nb,2,tcp,,,,2017,2019-01-01,,,,\n", // a date of the future, and a year
		"month.csv":                   header + "a,1,tcp,,,,2018-03,,,,,\n",
		"page.html":                   "<html>",
		"12345678901234567890-9.csv":  "<html>",
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	d := Dater{Now: time.Date(2018, 12, 31, 0, 0, 0, 0, time.UTC), Read: os.ReadFile}
	list, err := d.Date(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		about := f.Seen.Format(time.RFC3339)
		switch {
		case f.Unfit != nil:
			about = f.Unfit.Error()
		case f.Inner:
			about += " inside"
		}
		got = append(got, f.Name+": "+about)
	}
	want := []string{
		"12345678901234567890-9.csv: not the service names registry: it is a page of HTML",
		"month.csv: no date in its name or contents; give it one with --time",
		"page.html: not the service names registry: it is a page of HTML",
		"inner.csv: 2018-03-26T00:00:00Z inside",
		"20180327T225601Z.csv: 2018-03-27T22:56:01Z",
		"ports-2018-03-28.csv: 2018-03-28T00:00:00Z",
		"v1.2-20180329040506.csv: 2018-03-29T04:05:06Z",
		"2018-13-45-and-20180330.csv: 2018-03-30T00:00:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	d.Given = time.Date(2014, 5, 6, 7, 8, 9, 0, time.UTC)
	if list, err := d.Date(t.Context(), []string{"page.html"}); err != nil || !list[0].Seen.Equal(d.Given) || list[0].Unfit != nil {
		t.Errorf("%+v, %v; want the time that was given", list, err)
	}
	if _, err := d.Date(t.Context(), []string{"nowhere"}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := d.Date(t.Context(), []string{"."}); err == nil || !strings.Contains(err.Error(), ". is a folder") {
		t.Error(err)
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2014-05-06":                "2014-05-06T00:00:00Z",
		"2014-05-06T07:08:09+02:00": "2014-05-06T05:08:09Z",
		"yesterday":                 "",
		"2014-05":                   "",
	} {
		got, err := ParseTime(text)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%s: %s, %v; want %q", text, got, err, want)
		}
	}
}

// What is not a regular file, such as a pipe that nobody writes to, is never opened.
func TestIrregular(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip("there is no null device here")
	}
	d := Dater{Given: time.Unix(0, 0), Read: func(string) ([]byte, error) {
		t.Error("it was read")
		return nil, nil
	}}
	list, err := d.Date(t.Context(), []string{os.DevNull})
	if err != nil || len(list) != 1 || list[0].Unfit == nil || list[0].Unfit.Error() != "it is not a regular file" {
		t.Errorf("%+v, %v", list, err)
	}
}
