package scimult

import (
	"strings"
	"unicode/utf8"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Document is a paper or a plain text: what [Paper] and [Text] make, or what is read from JSON.
//
// What the wire does not carry is mended on the way: a byte that is not UTF-8 becomes U+FFFD, and NUL is left out.
type Document struct {
	// ID comes back with the document's embedding or rank; the server does not read it.
	ID string
	content
}

// content is what the server reads.
type content struct {
	isPaper               bool
	title, abstract, text string
}

// Paper is a paper; or a label, its name as the title and its definition as the abstract.
func Paper(title, abstract string) Document {
	return Document{content: content{isPaper: true, title: title, abstract: abstract}}
}

// Text is a plain text, such as a search query.
func Text(text string) Document {
	return Document{content: content{text: text}}
}

// WithID gives the document a name.
func (d Document) WithID(id string) Document {
	d.ID = id
	return d
}

// Title of a paper; empty for a text.
func (d Document) Title() string { return d.title }

// Abstract of a paper; empty for a text.
func (d Document) Abstract() string { return d.abstract }

// Text of a plain text; empty for a paper.
func (d Document) Text() string { return d.text }

func (d Document) message() *pb.Document {
	message := &pb.Document{Id: mended(d.ID)}
	if d.isPaper {
		message.Content = &pb.Document_Paper{Paper: &pb.Paper{Title: mended(d.title), Abstract: mended(d.abstract)}}
	} else {
		message.Content = &pb.Document_Text{Text: mended(d.text)}
	}
	return message
}

// mended is a text as the wire carries it: U+FFFD for each byte that is not UTF-8, and no NUL.
func mended(text string) string {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// fromMessage is the document that a server sends back.
func fromMessage(message *pb.Document) Document {
	if paper := message.GetPaper(); paper != nil {
		return Paper(paper.Title, paper.Abstract).WithID(message.Id)
	}
	return Text(message.GetText()).WithID(message.Id)
}

// Role is a document's side of the comparison.
type Role int32

// The roles of a bi-encoder.
const (
	Query     = Role(pb.Role_ROLE_QUERY)
	Candidate = Role(pb.Role_ROLE_CANDIDATE)
)
