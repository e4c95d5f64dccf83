package feed

import (
	"time"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// jsonFeed is https://jsonfeed.org/version/1.1. Its URLs must be absolute: those below the published folder are left out if
// the URL of that is not known.
type jsonFeed struct {
	Version  string       `json:"version"`
	Title    string       `json:"title"`
	HomePage string       `json:"home_page_url,omitempty"`
	FeedURL  string       `json:"feed_url,omitempty"`
	Next     string       `json:"next_url,omitempty"` // archive with older entries
	Authors  []jsonAuthor `json:"authors"`
	Items    []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonItem struct {
	ID        string `json:"id"`
	URL       string `json:"url,omitempty"`
	Title     string `json:"title"`
	HTML      string `json:"content_html"`
	Published string `json:"date_published"`
}

func (d *document) json() ([]byte, error) {
	f := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: d.feed.Title,
		Authors: []jsonAuthor{{"IANA", d.publisher.IANA}}, Items: []jsonItem{},
	}
	whole := d.publisher.Base != ""
	if whole {
		f.HomePage, f.FeedURL = d.link(d.feed.Page), d.link(d.name+jsonEnding)
		if d.previous != "" {
			f.Next = d.link(d.previous + jsonEnding)
		}
	}
	for _, e := range d.entries() {
		item := jsonItem{ID: e.id, Title: e.title, HTML: e.html, Published: e.at.Format(time.RFC3339)}
		if whole {
			item.URL = e.page
		}
		f.Items = append(f.Items, item)
	}
	data, err := plainjson.MarshalIndent(f, " ")
	return append(data, '\n'), err
}
