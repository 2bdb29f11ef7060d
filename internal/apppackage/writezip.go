package apppackage

import (
	"archive/zip"
	"bytes"
	"fmt"
	"time"
)

// zipTime is the time of every entry: the earliest that a zip can hold.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Zip returns the package as a zip. The same files give the same bytes, in
// every run and on every system; a later release of the compressor may write
// other bytes, therefore compare Digest, not bytes.
func (p *Package) Zip() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range p.Files {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: zipTime})
		if err == nil {
			_, err = entry.Write(f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("write %s into the package: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("finish the package: %w", err)
	}
	return out.Bytes(), nil
}
