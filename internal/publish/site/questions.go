package site

import (
	"fmt"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/render"
)

// question is one that people ask of a port, and what the data answers.
type question struct{ Ask, Answer string }

// questions are those that the data has an answer to.
func questions(f *lookup.Port) []question {
	list := []question{
		{fmt.Sprintf("Is port %d free?", f.Port), render.Free(f)},
		{fmt.Sprintf("May I use port %d for software of my own?", f.Port), render.MayUse(f)},
	}
	was := fmt.Sprintf("Was port %d ever a service’s?", f.Port)
	if since := render.Since(f); since != "" {
		list = append(list, question{fmt.Sprintf("Since when is port %d assigned?", f.Port), since})
		was = fmt.Sprintf("Was port %d ever another service’s?", f.Port)
	}
	return append(list, question{was, render.Earlier(f)})
}
