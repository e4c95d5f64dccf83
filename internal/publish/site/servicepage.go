package site

import "github.com/ianasync/ianasync/internal/publish/htmlprint"

func (b *serviceBody) write(w *htmlprint.Writer, p *page) {
	p.writePath(w, serviceLink{"Services", "services/"}, serviceLink{b.List, b.ListAddress})
	w.Print("<h1>{}</h1>\n"+`<p class="lead">`, b.Name)
	if b.What != "" {
		w.Print("{}", b.What)
	} else {
		w.Print("{} {}.", b.Name, b.Standing)
	}
	w.Print("</p>\n" + `<dl class="near">` + "\n")
	if len(b.Places) > 0 {
		w.Print("<div><dt>port{}</dt><dd>", plural(len(b.Places)))
		for i, at := range b.Places {
			if i > 0 {
				w.Print(" · ")
			}
			w.Print(`<a href="{}{}"><b>{}</b></a> {}`, p.Root, at.Address, at.Ports, at.On)
		}
		w.Print("</dd></div>\n")
	}
	if b.What != "" {
		w.Print("<div><dt>name</dt><dd>{} {}.</dd></div>\n", b.Name, b.Standing)
	}
	if b.Since != "" {
		w.Print("<div><dt>registered</dt><dd>{}</dd></div>\n", b.Since)
	}
	w.Print("</dl>\n")
	p.writeSubscribe(w, b.Subject, b.Filter)
	b.Past.write(w)
	w.Print("\n")
	p.writeRecords(w, b.Records)
	p.writeTurn(w, "Services", b.Previous, b.Next)
}

func (l *letter) write(w *htmlprint.Writer, p *page) {
	p.writePath(w, serviceLink{"Services", "services/"})
	w.Print("<h1>{}</h1>\n"+`<p class="letters">`, p.Title)
	for _, other := range l.Others {
		w.Print(`<a href="{}{}"`, p.Root, other.Address)
		if other.Address == p.Address {
			w.Print(` aria-current="page"`)
		}
		w.Print(">{}</a> ", other.Name)
	}
	w.Print(`</p>
<table class="runs stack">
<thead><tr><th scope="col">Service</th><th scope="col">Ports</th><th scope="col">What it is</th></tr></thead>
<tbody>
`)
	for i := range l.Services {
		r := &l.Services[i]
		at := r.Ports
		if r.Gone {
			at = "gone"
		}
		w.Print(`<tr><th scope="row"><a href="{}{}">{}</a></th><td>{}</td><td>{}</td></tr>`+"\n", p.Root, r.Address, r.Name, at, r.What)
	}
	w.Print("</tbody>\n</table>")
}

func (list letterList) write(w *htmlprint.Writer, p *page) {
	w.Print("<h1>{}</h1>\n", p.Title)
	switch {
	case p.Site.Empty():
		w.Print("<p>There is no version of the registry yet.</p>\n")
	case len(list) == 0:
		w.Print("<p>There is no service.</p>\n")
	default:
		w.Print(`<p class="lead">By the first letter of their names, those that are gone too.</p>
<ol class="blocks">
`)
		for _, l := range list {
			w.Print(`<li><a href="{}{}">{}</a> <span>{}</span></li>`+"\n", p.Root, l.Address, l.Name, grouped(len(l.names)))
		}
		w.Print("</ol>\n")
	}
}
