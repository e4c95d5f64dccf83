package checksum

import (
	"bytes"
	"errors"
	"testing"
)

type value struct {
	URL  string `json:"url"`
	Size int    `json:"size,omitempty"`
}

func TestRoundTrip(t *testing.T) {
	want := value{"https://example.org/?a=1&b=<2>", 7}
	text, err := Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const wantText = `{"url":"https://example.org/?a=1&b=<2>","size":7,"checksum":"`
	if !bytes.HasPrefix(text, []byte(wantText)) || len(text) != len(wantText)+18 {
		t.Errorf("%s", text)
	}
	var got value
	if err := Unmarshal(append(text, '\n'), &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	text, err := Marshal(value{"https://example.org/", 7})
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		for bit := range 8 {
			damaged := bytes.Clone(text)
			damaged[i] ^= 1 << bit
			if err := Check(damaged); !errors.Is(err, ErrMissing) && !errors.Is(err, ErrMismatch) {
				t.Errorf("bit %d of byte %d: %v", bit, i, err)
			}
		}
	}
	for i := range text {
		if err := Check(text[:i]); err == nil {
			t.Errorf("cut to %d bytes: no error", i)
		}
	}
}
