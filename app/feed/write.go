package feed

import (
	"encoding/xml"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The name spaces of what RSS 2.0 lacks.
var spaces = [][2]string{
	{"xmlns:atom", "http://www.w3.org/2005/Atom"},
	{"xmlns:content", "http://purl.org/rss/1.0/modules/content/"},
	{"xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"},
	{"xmlns:podcast", "https://podcastindex.org/namespace/1.0"},
}

// ContentType is what a format is called in HTTP.
func ContentType(format string) string {
	if format == Atom {
		return "application/atom+xml; charset=utf-8"
	}
	return "application/rss+xml; charset=utf-8"
}

// Write writes the feed in a format, item by item.
func (d Doc) Write(w io.Writer, format string) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	p := printer{e: xml.NewEncoder(w)}
	if format == Atom {
		d.atom(&p)
	} else {
		d.rss(&p)
	}
	if p.err == nil {
		p.err = p.e.Close()
	}
	return p.err
}

// printer writes elements until something goes wrong.
type printer struct {
	e    *xml.Encoder
	open []xml.Name
	err  error
}

// begin opens an element with attributes, a name and a value each; those without
// a value are left out.
func (p *printer) begin(name string, attributes ...string) {
	start := xml.StartElement{Name: xml.Name{Local: name}}
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: attributes[i]}, Value: attributes[i+1]})
		}
	}
	p.open = append(p.open, start.Name)
	p.token(start)
}

func (p *printer) end() {
	last := len(p.open) - 1
	p.token(xml.EndElement{Name: p.open[last]})
	p.open = p.open[:last]
}

func (p *printer) token(t xml.Token) {
	if p.err == nil {
		p.err = p.e.EncodeToken(t)
	}
}

// text writes an element with a text, unless that is empty.
func (p *printer) text(name, text string, attributes ...string) {
	if text == "" {
		return
	}
	p.begin(name, attributes...)
	p.token(xml.CharData(text))
	p.end()
}

// empty writes an element that has attributes alone.
func (p *printer) empty(name string, attributes ...string) {
	p.begin(name, attributes...)
	p.end()
}

// rss writes RSS 2.0 (rssboard.org) with what podcast apps add to it.
func (d Doc) rss(p *printer) {
	attributes := []string{"version", "2.0"}
	for _, s := range spaces {
		attributes = append(attributes, s[0], s[1])
	}
	p.begin("rss", attributes...)
	p.begin("channel")
	p.text("title", d.Title)
	p.text("link", d.Home)
	p.text("description", d.Text)
	p.text("language", d.Language)
	p.text("lastBuildDate", d.Updated.Format(time.RFC1123Z))
	p.text("generator", "Earshot")
	p.text("ttl", "60")
	d.links(p, "atom:link", "application/rss+xml", "application/atom+xml")
	if d.Image != "" {
		p.begin("image")
		p.text("url", d.Image)
		p.text("title", d.Title)
		p.text("link", d.Home)
		p.end()
		p.empty("itunes:image", "href", d.Image)
	}
	p.text("itunes:author", d.Author)
	p.empty("itunes:category", "text", "Music")
	p.text("itunes:explicit", "false")
	p.text("itunes:type", map[bool]string{true: "serial", false: "episodic"}[d.Serial])
	p.text("podcast:guid", d.ID)
	p.text("podcast:medium", "music")
	if d.Private { // directories leave it out
		p.text("itunes:block", "Yes")
		p.text("podcast:block", "yes")
	}
	for _, i := range d.Items {
		p.begin("item")
		p.text("title", i.Title)
		p.text("link", i.Home)
		p.text("guid", i.ID, "isPermaLink", "false")
		p.text("pubDate", i.Published.Format(time.RFC1123Z))
		p.text("description", i.Text)
		p.text("content:encoded", i.html())
		p.empty("enclosure", "url", i.Audio, "length", strconv.FormatInt(i.Length, 10), "type", i.Type)
		p.text("itunes:author", i.Author)
		p.text("itunes:duration", strconv.FormatInt(i.Duration, 10))
		p.text("itunes:explicit", "false")
		p.text("itunes:episodeType", "full")
		if i.Number > 0 {
			p.text("itunes:episode", strconv.Itoa(i.Number))
		}
		if i.Image != "" {
			p.empty("itunes:image", "href", i.Image)
		}
		for _, tag := range i.Tags {
			p.text("category", tag)
		}
		p.end()
	}
	p.end()
	p.end()
}

// atom writes Atom (RFC 4287).
func (d Doc) atom(p *printer) {
	p.begin("feed", "xmlns", spaces[0][1], "xml:lang", d.Language)
	p.text("id", "urn:uuid:"+d.ID)
	p.text("title", d.Title)
	p.text("subtitle", d.Text)
	p.text("updated", d.Updated.Format(time.RFC3339))
	p.begin("author")
	p.text("name", d.Author)
	p.end()
	p.text("generator", "Earshot")
	p.text("logo", d.Image)
	d.links(p, "link", "application/atom+xml", "application/rss+xml")
	p.empty("link", "rel", "alternate", "type", "text/html", "href", d.Home)
	for _, i := range d.Items {
		p.begin("entry")
		p.text("id", "urn:uuid:"+i.ID)
		p.text("title", i.Title)
		p.text("published", i.Published.Format(time.RFC3339))
		updated := i.Updated
		if updated.Before(i.Published) {
			updated = i.Published
		}
		p.text("updated", updated.Format(time.RFC3339))
		p.begin("author")
		p.text("name", i.Author)
		p.text("uri", i.AuthorHome)
		p.end()
		p.empty("link", "rel", "alternate", "type", "text/html", "href", i.Home)
		p.empty("link", "rel", "enclosure", "type", i.Type, "length", strconv.FormatInt(i.Length, 10), "href", i.Audio)
		for _, tag := range i.Tags {
			p.empty("category", "term", tag)
		}
		p.text("content", i.html(), "type", "html")
		p.end()
	}
	p.end()
}

// links writes where the feed is, in this format and in the other, and its other
// pages (RFC 5005 section 3).
func (d Doc) links(p *printer, name, own, other string) {
	p.empty(name, "rel", "self", "type", own, "href", d.Self)
	p.empty(name, "rel", "alternate", "type", other, "href", d.Other)
	if d.Next != "" || d.Self != d.First {
		p.empty(name, "rel", "first", "type", own, "href", d.First)
	}
	if d.Next != "" {
		p.empty(name, "rel", "next", "type", own, "href", d.Next)
	}
}

// links and times in a text, such as https://home.example/a and 1:02:03.
var marks = regexp.MustCompile(`https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]|\b(?:\d{1,2}:)?\d{1,2}:[0-5]\d\b`)

// html gives the text of an item as HTML: paragraphs, links, and times of it
// that lead to that moment.
func (i Item) html() string {
	if i.Text == "" {
		return ""
	}
	var b strings.Builder
	for paragraph := range strings.SplitSeq(i.Text, "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph == "" {
			continue
		}
		b.WriteString("<p>")
		plain := func(s string) {
			b.WriteString(strings.ReplaceAll(html.EscapeString(s), "\n", "<br>"))
		}
		last := 0
		for _, m := range marks.FindAllStringIndex(paragraph, -1) {
			word := paragraph[m[0]:m[1]]
			to := word
			if !strings.HasPrefix(word, "http") {
				at, ok := seconds(word)
				if !ok || at >= i.Duration {
					continue
				}
				to = i.Home + "?t=" + strconv.FormatInt(at, 10)
			}
			plain(paragraph[last:m[0]])
			b.WriteString(`<a href="` + html.EscapeString(to) + `">` + html.EscapeString(word) + "</a>")
			last = m[1]
		}
		plain(paragraph[last:])
		b.WriteString("</p>")
	}
	return b.String()
}

// seconds reads a time such as 1:02:03.
func seconds(s string) (int64, bool) {
	var n int64
	for part := range strings.SplitSeq(s, ":") {
		d, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return 0, false
		}
		n = n*60 + d
	}
	return n, true
}
