package site

import (
	"fmt"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/render"
)

// question is a question about a port and its answer.
type question struct{ Ask, Answer string }

// questions returns the questions that the data can answer, other than those that stand at the head of the page.
func questions(f *lookup.Port) []question {
	list := []question{{fmt.Sprintf("May I use port %d for software of my own?", f.Port), render.MayUse(f)}}
	was := fmt.Sprintf("Was port %d assigned before?", f.Port)
	if len(f.Holders()) > 0 {
		was = fmt.Sprintf("Was port %d assigned to another service before?", f.Port)
	}
	list = append(list, question{was, render.Earlier(f)})
	if unexplained := render.Unexplained(f); unexplained != "" {
		list = append(list, question{fmt.Sprintf("What is port %d used for?", f.Port), unexplained})
	}
	return list
}
