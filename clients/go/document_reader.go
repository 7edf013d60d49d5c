package scimult

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxLineBytes is the maximum length of a line.
const maxLineBytes = 64 << 20

// LineError is the error for a line that is not a document. Later lines can still be read.
type LineError struct {
	// Line counts from 1, including empty lines.
	Line   int
	Reason string
}

func (e *LineError) Error() string { return fmt.Sprintf("scimult: line %d: %s", e.Line, e.Reason) }

// DocumentReader reads documents from JSON Lines, optionally compressed by gzip.
type DocumentReader struct {
	input *bufio.Reader
	line  int
	// begun is set once the first bytes have been checked.
	begun bool
	// encodingKnown is set once the first line that is not blank has been checked.
	encodingKnown bool
}

// NewDocumentReader returns a reader of lines that each hold an object for [Document.UnmarshalJSON]. It skips empty
// lines and a byte order mark.
func NewDocumentReader(input io.Reader) *DocumentReader {
	return &DocumentReader{input: bufio.NewReaderSize(input, 1<<16)}
}

// Line returns the number of the line that was read last, from 1.
func (r *DocumentReader) Line() int { return r.line }

// Next returns the next document, or [io.EOF] after the last one. For a line that is not a document it returns a
// [*LineError], and the next call continues with the next line. Other errors concern the whole input.
func (r *DocumentReader) Next() (Document, error) {
	if !r.begun {
		r.begin()
	}
	for {
		line, err := r.nextLine()
		if err != nil {
			return Document{}, err
		}
		if len(bytes.Trim(line, " \t\r\n")) == 0 {
			continue
		}
		document, err := documentOfLine(line)
		if err != nil {
			return Document{}, &LineError{Line: r.line, Reason: err.Error()}
		}
		return document, nil
	}
}

func documentOfLine(line []byte) (Document, error) {
	if place := invalidUTF8(line); place >= 0 {
		return Document{}, fmt.Errorf("not UTF-8 at byte %d", place)
	}
	members, err := jsonObject(line)
	if err != nil {
		return Document{}, err
	}
	return fromMembers(members)
}

// begin detects compressed input by its first two bytes.
func (r *DocumentReader) begin() {
	r.begun = true
	if magic, err := r.input.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		members := &gzipMembers{input: r.input}
		r.input = bufio.NewReaderSize(members, 1<<16)
	}
}

func (r *DocumentReader) nextLine() ([]byte, error) {
	var line []byte
	for {
		part, err := r.input.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLineBytes {
			return nil, fmt.Errorf("scimult: line %d is longer than %d bytes", r.line+1, maxLineBytes)
		}
		switch {
		case err == nil || errors.Is(err, io.EOF) && len(line) > 0:
			r.line++
			return r.checked(line)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// checked returns the line, without the byte order mark if it is the first line.
func (r *DocumentReader) checked(line []byte) ([]byte, error) {
	isUTF16 := false
	if r.line == 1 {
		isUTF16 = bytes.HasPrefix(line, []byte{0xff, 0xfe}) || bytes.HasPrefix(line, []byte{0xfe, 0xff})
		line = bytes.TrimPrefix(line, []byte{0xef, 0xbb, 0xbf})
	}
	if !r.encodingKnown && len(bytes.Trim(line, " \t\r\n")) > 0 {
		r.encodingKnown = true
		isUTF16 = isUTF16 || bytes.IndexByte(line, 0) >= 0
	}
	if isUTF16 {
		return nil, errors.New("scimult: the input is UTF-16; save it as UTF-8")
	}
	return line, nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(line []byte) int {
	if utf8.Valid(line) {
		return -1
	}
	for place := 0; ; {
		character, size := utf8.DecodeRune(line[place:])
		if character == utf8.RuneError && size <= 1 {
			return place
		}
		place += size
	}
}

// gzipMembers decompresses consecutive gzip members, and accepts zeros after the last one.
type gzipMembers struct {
	input  *bufio.Reader
	member *gzip.Reader
	// ended is set at the end of a member.
	ended bool
}

func (g *gzipMembers) Read(buffer []byte) (int, error) {
	for {
		if g.member == nil || g.ended {
			if err := g.begin(); err != nil {
				return 0, err
			}
		}
		count, err := g.member.Read(buffer)
		switch {
		case errors.Is(err, io.EOF):
			g.ended = true
		case errors.Is(err, io.ErrUnexpectedEOF):
			return count, errors.New("scimult: the compressed file ends too early")
		case err != nil:
			return count, fmt.Errorf("scimult: the compressed file is damaged: %w", err)
		}
		if count > 0 {
			return count, nil
		}
	}
}

// begin opens the next member, or returns [io.EOF] if there is none.
func (g *gzipMembers) begin() error {
	if g.member != nil {
		for {
			next, err := g.input.ReadByte()
			if err != nil {
				return err
			}
			if next != 0 {
				break
			}
		}
		if err := g.input.UnreadByte(); err != nil {
			return err
		}
	}
	var err error
	if g.member == nil {
		g.member, err = gzip.NewReader(g.input)
	} else {
		err = g.member.Reset(g.input)
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("scimult: the compressed file ends too early")
	case err != nil:
		return fmt.Errorf("scimult: the compressed file is damaged: %w", err)
	}
	g.member.Multistream(false)
	g.ended = false
	return nil
}
