package githubaction

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestWriteOutputs(t *testing.T) {
	var b bytes.Buffer
	outputs := []Output{{"changed", "true"}, {"headline", "EOF\n::set-output name=x::y\nend_\n"}, {"empty", ""}}
	if err := WriteOutputs(&b, strings.NewReader("0123456789abcdef"), outputs); err != nil {
		t.Fatal(err)
	}
	const end = "end_30313233343536373839616263646566"
	want := "changed<<" + end + "\ntrue\n" + end + "\n" +
		"headline<<" + end + "\nEOF\n::set-output name=x::y\nend_\n\n" + end + "\n" +
		"empty<<" + end + "\n\n" + end + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := WriteOutputs(&b, iotest.ErrReader(errors.New("no chance")), outputs); err == nil {
		t.Error("outputs without a secret delimiter")
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"one\ntwo\n", 8, "one\ntwo\n"},
		{"one\ntwo\nthree\n", 13, "one\ntwo\n\n…\n"},
		{"one\ntwo\nthree\n", 12, "one\n\n…\n"},
		{"one, without end", 10, "\n…\n"},
	} {
		got := Cut(test.text, test.limit, "…")
		if got != test.want || len(got) > test.limit {
			t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

func TestAnnotate(t *testing.T) {
	many := strings.Fields(strings.Repeat("x ", 25))
	for _, test := range []struct {
		messages []string
		want     string
	}{
		{nil, ""},
		{[]string{"100%\r\n::error::no: not, so"}, "::warning title=a%3Ab%2C%25::100%25%0D%0A::error::no: not, so\n"},
		{many[:10], strings.Repeat("::warning title=a%3Ab%2C%25::x\n", 10)},
		{many, strings.Repeat("::warning title=a%3Ab%2C%25::x\n", 9) + "::warning title=a%3Ab%2C%25::and 16 more: see the summary\n"},
	} {
		var b bytes.Buffer
		if err := Annotate(&b, Warning, "a:b,%", test.messages); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, b.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if many[9] != "x" {
		t.Error("the caller's messages were altered")
	}
}

func TestInert(t *testing.T) {
	var b bytes.Buffer
	for _, text := range []string{"::error::x\n", "  ::error::x\n", "a ##[set-output name=x]y\n", "####[[\n", "fine\n::stop-commands::x\n"} {
		if n, err := Inert(&b).Write([]byte(text)); n != len(text) || err != nil {
			t.Error(n, err)
		}
	}
	want := "> ::error::x\n>   ::error::x\na ## [set-output name=x]y\n#### [[\nfine\n> ::stop-commands::x\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
