package plainjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// sample is an object of the form that the test reads.
type sample struct {
	Name  string
	Flag  bool
	Cells []map[string]string
}

// read reads a sample as a caller does.
func read(r *plainjson.Reader, data []byte) (s sample, err error) {
	r.Reset(data)
	for key := range r.Members() {
		switch key {
		case "Name":
			s.Name = r.Text()
		case "Flag":
			s.Flag = r.Bool()
		case "Cells":
			s.Cells = []map[string]string{}
			for range r.Elements() {
				cells := map[string]string{}
				for key := range r.Members() {
					cells[key] = r.Text()
				}
				s.Cells = append(s.Cells, cells)
			}
		default:
			r.Skip()
		}
	}
	return s, r.End()
}

const written = `{"Name":"a<b","Flag":true,"Cells":[{"value":"1","name":""},{"value":"\u00e9\"é\\"},{}],"more":[{"a":[1,-2.5e3,null,false]},"x",{}]}`

func TestReader(t *testing.T) {
	want := sample{Name: "a<b", Flag: true, Cells: []map[string]string{{"value": "1", "name": ""}, {"value": `é"é\`}, {}}}
	r := new(plainjson.Reader)
	for range 2 { // it can be used again
		got, err := read(r, []byte(written))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestReaderRejects(t *testing.T) {
	r := new(plainjson.Reader)
	for end := range written {
		if _, err := read(r, []byte(written[:end])); err == nil {
			t.Errorf("cut: %s was accepted", written[:end])
		}
	}
	for _, text := range []string{
		written + "x", written + "\x00", written + " \x00}", `{"Name":7}`, `{"Name":null}`, `{"Name":"\x"}`, `{"Flag":truer}`, `{"Flag":"true"}`, `{"Cells":{}}`, `{"Cells":[7]}`,
		`{"Cells":[{}],}`, `{"Name" "a"}`, `{Name:"a"}`, `{"x":01}`, `{"x":nul}`, `{"x":[1,]}`, `{"x":[1 2]}`, "{\"x\":\"a\nb\"}", `{"x":}`,
		`{"x":` + strings.Repeat("[", 1e6),
	} {
		if _, err := read(r, []byte(text)); err == nil {
			t.Errorf("%.60s was accepted", text)
		}
	}
}

// FuzzReader holds that what is accepted is JSON, and read as encoding/json reads it.
func FuzzReader(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(` { "Name" : "\ud83d\ude00\ud83d" , "Cells" : [ ] , "\u0046lag" : false } `))
	f.Add([]byte("{\"Name\":\"\xff\",\"Cells\":[{\"\":\"\"}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := read(new(plainjson.Reader), data)
		if err != nil {
			return
		}
		var members map[string]json.RawMessage // encoding/json would take "name" for Name
		if err := json.Unmarshal(data, &members); err != nil {
			t.Fatalf("%q was accepted: %v", data, err)
		}
		var want sample
		for key, into := range map[string]any{"Name": &want.Name, "Flag": &want.Flag, "Cells": &want.Cells} {
			if text, found := members[key]; found {
				err = errors.Join(err, json.Unmarshal(text, into))
			}
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%q (-encoding/json +Reader): %v\n%s", data, err, d)
		}
	})
}
