package store

import (
	"bytes"
	"encoding/json"
)

type dumpPerson struct {
	ID       string `json:"id"`
	UPN      string `json:"upn"`
	Name     string `json:"name"`
	Mail     string `json:"mail,omitempty"`
	Guest    bool   `json:"guest,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

type dumpGroup struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Mail    string   `json:"mail,omitempty"`
	Members []string `json:"members"` // ids, people before groups
}

// DumpDirectory writes people and groups in order of id, one on a line.
func (tx *Tx) DumpDirectory() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("{\n \"users\": [")
	first, failed := true, error(nil)
	line := func(v any) bool {
		raw, err := json.Marshal(v)
		if err != nil {
			failed = err
			return false
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		out.WriteString("\n  ")
		out.Write(raw)
		return true
	}
	tx.Users(nil, func(u User) bool {
		return line(dumpPerson{u.ID.String(), u.UPN, u.Name, u.Mail, u.Guest, !u.Enabled})
	})
	out.WriteString("\n ],\n \"groups\": [")
	first = true
	tx.Groups(nil, func(g Group) bool {
		d := dumpGroup{ID: g.ID.String(), Name: g.Name, Mail: g.Mail, Members: []string{}}
		tx.Members(g.ID, nil, func(m Member) bool {
			d.Members = append(d.Members, m.ID.String())
			return true
		})
		return line(d)
	})
	out.WriteString("\n ]\n}")
	return out.Bytes(), failed
}
