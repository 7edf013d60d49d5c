package scimult

import (
	"encoding/json"
	"errors"
	"fmt"
)

// idNames are the names that an id may have: the first with a value counts.
var idNames = []string{
	"id", "_id", "paper_id", "paperId", "corpus_id", "corpusId", "corpusid", "doc_id", "docId", "docid",
}

// UnmarshalJSON reads a document of an object as data sets have them: with "title" and perhaps "abstract", or "text" in its
// place, or with "text" alone. An id may be called id, _id, paper_id, corpus_id or doc_id; one that is no text is its own
// JSON. Other members are ignored, and null is no value.
func (d *Document) UnmarshalJSON(text []byte) error {
	members, err := jsonObject(text)
	if err != nil {
		return fmt.Errorf("scimult: %w", err)
	}
	document, err := fromMembers(members)
	if err != nil {
		return fmt.Errorf("scimult: %w", err)
	}
	*d = document
	return nil
}

// MarshalJSON writes the object that [Document.UnmarshalJSON] reads.
func (d Document) MarshalJSON() ([]byte, error) {
	if d.isPaper {
		return json.Marshal(struct {
			ID       string `json:"id,omitempty"`
			Title    string `json:"title"`
			Abstract string `json:"abstract"`
		}{d.ID, d.title, d.abstract})
	}
	return json.Marshal(struct {
		ID   string `json:"id,omitempty"`
		Text string `json:"text"`
	}{d.ID, d.text})
}

// fromMembers makes a document of an object's members.
func fromMembers(members map[string][]byte) (Document, error) {
	title, hasTitle, err := textMember(members, "title")
	if err != nil {
		return Document{}, err
	}
	abstract, hasAbstract, err := textMember(members, "abstract")
	if err != nil {
		return Document{}, err
	}
	text, hasText, err := textMember(members, "text")
	if err != nil {
		return Document{}, err
	}
	id, err := idMember(members)
	if err != nil {
		return Document{}, err
	}
	_, isPaper := members["title"]
	if _, isThere := members["abstract"]; isThere {
		isPaper = true
	}
	switch {
	case hasText && hasAbstract && abstract != "" && text != "":
		return Document{}, errors.New(`"abstract" and "text" are both given; one of them is needed`)
	case hasText && abstract == "" && hasTitle && title != "":
		return Paper(title, text).WithID(id), nil
	case hasText && abstract == "":
		return Text(text).WithID(id), nil
	case isPaper:
		return Paper(title, abstract).WithID(id), nil
	default:
		return Document{}, errors.New(`neither "title" nor "text" is given`)
	}
}

// textMember is a member's text, and whether it has a value.
func textMember(members map[string][]byte, name string) (string, bool, error) {
	value, isThere := members[name]
	if !isThere || isMissing(value) {
		return "", false, nil
	}
	text, isText := stringOf(value)
	if !isText {
		return "", false, fmt.Errorf("%q must be a text", name)
	}
	return mended(text), true, nil
}

func idMember(members map[string][]byte) (string, error) {
	for _, name := range idNames {
		value, isThere := members[name]
		if !isThere || isMissing(value) {
			continue
		}
		if text, isText := stringOf(value); isText {
			return text, nil
		}
		if holdsOtherNumbers(value) {
			return "", errors.New(`"id" holds a number that JSON has not`)
		}
		return string(value), nil
	}
	return "", nil
}

// holdsOtherNumbers tells whether Python's NaN or Infinity is in a value.
func holdsOtherNumbers(value []byte) bool {
	isInString, isEscaped := false, false
	for _, character := range value {
		switch {
		case isEscaped:
			isEscaped = false
		case character == '"':
			isInString = !isInString
		case isInString:
			isEscaped = character == '\\'
		case character == 'N' || character == 'I':
			// Outside of strings JSON has neither letter.
			return true
		}
	}
	return false
}

func isMissing(value []byte) bool { return string(value) == "null" || string(value) == "NaN" }

func stringOf(value []byte) (string, bool) {
	var text string
	if value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, true
}
