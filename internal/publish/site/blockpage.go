package site

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/internal/publish/htmlprint"
)

func (b *blockBody) write(w *htmlprint.Writer, p *page) {
	p.writePath(w, serviceLink{"Ports", "port/"}, serviceLink{"Blocks", "block/"})
	w.Print(`<h1>{}</h1>
<div id="about-port" class="answer" hidden></div>
<p class="lead">Each of them {}. {} <span class="dim">{}</span></p>
`, p.Title, b.InRange, b.counted(), b.Advisory)
	p.writeRows(w, b.Rows)
	writeNotes(w, b.Notes)
	p.writeTurn(w, "Blocks", b.Previous, b.Next)
}

// counted states how many of the ports are assigned and how many are Reserved.
func (b *blockBody) counted() string {
	var said []string
	if b.Assigned > 0 {
		said = append(said, fmt.Sprintf("%d %s assigned", b.Assigned, are(b.Assigned)))
	}
	if b.Reserved > 0 {
		said = append(said, fmt.Sprintf("%d %s Reserved", b.Reserved, are(b.Reserved)))
	}
	switch {
	case b.Assigned == 256:
		return "All are assigned."
	case len(said) == 0:
		return "None is assigned."
	}
	return strings.Join(said, ", ") + "."
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func (b *portsBody) write(w *htmlprint.Writer, p *page) {
	w.Print("<h1>{}</h1>\n", p.Title)
	if p.Site.Empty() {
		w.Print("<p>There is no version of the registry yet.</p>\n")
		return
	}
	w.Print(`<p class="lead">Ports 0–1023 are System ports, 1024–49151 User ports, 49152–65535 Dynamic ports. Here are the System ports; all others are in <a href="{}block/">blocks of 256</a>.</p>
<p class="links">Blocks from port `, p.Root)
	for i, block := range b.Blocks {
		if i > 0 {
			w.Print(" · ")
		}
		w.Print(`<a href="{}{}">{}</a>`, p.Root, block.Address, block.First)
	}
	w.Print("</p>\n" + `<h2 id="system">System ports</h2>` + "\n")
	p.writeRows(w, b.Rows)
}
