package config

import (
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/internal/schema"
)

// The summaries of this package's diagnostics. Each is fixed wording, so that
// equal problems read equal.
const (
	sumFolder      = "Folder cannot be read"
	sumEmptyFolder = "No configuration in this folder"
	sumStopped     = "Loading interrupted"
	sumNoFile      = "File not found"
	sumUnreadable  = "File cannot be read"
	sumOutside     = "Path leaves the folder"

	sumStrayAttribute   = "Attribute outside a block"
	sumUnknownBlock     = "Unknown block"
	sumUnknownAttribute = "Unknown attribute"
	sumLater            = "Not supported by this version"
	sumLabels           = "Wrong number of labels"
	sumName             = "Invalid name"
	sumDuplicateBlock   = "Block written twice"
	sumDuplicateName    = "Name declared twice"
	sumMissing          = "Missing attribute"
	sumComputed         = "Attribute is computed"
	sumServiceMakes     = "Attribute is made by the service"
	sumUnknownWord      = "Unknown word"

	sumBadVersion   = "Invalid version constraint"
	sumWrongVersion = "Version does not fit"
	sumNoRoot       = "Configuration without a name"
	sumDriver       = "Attribute of another driver"
	sumLimit        = "Invalid limit"
	sumEarly        = "Only variables can be read here"

	sumNoValue         = "No value for variable"
	sumVarType         = "Invalid value for variable"
	sumVarNull         = "Variable must not be null"
	sumVarInvalid      = "Value refused by validation"
	sumVarFile         = "Values file cannot be read"
	sumVarFlag         = "Invalid --var"
	sumValuesBlock     = "Block in a file of values"
	sumUndeclaredValue = "Value for an undeclared variable"

	sumUnknownName     = "Unknown name"
	sumNoName          = "Incomplete reference"
	sumNoAttribute     = "No such attribute"
	sumNoKey           = "No such key"
	sumAbsent          = "Reference to a block that is switched off"
	sumSelf            = "Reference to itself"
	sumCycle           = "Circular references"
	sumEach            = "each without for_each"
	sumForEach         = "Invalid for_each"
	sumCondition       = "Invalid condition"
	sumDependsOn       = "Invalid depends_on"
	sumLate            = "Value is known after apply"
	sumOpaque          = "Block used as a value"
	sumSensitiveOutput = "Output would show a sensitive value"

	sumModuleSource = "Invalid module source"
	sumInModule     = "Not in a module"
	sumAddress      = "Invalid address"
	sumMoved        = "Invalid move"
	sumRemoved      = "Removed and declared"
	sumImport       = "Imported twice"
	sumPattern      = "Invalid pattern"
	sumModel        = "Not on this access model"
	sumReserved     = "Reserved name must be written out"
	sumSameKey      = "Two objects with the same name"
	sumIgnore       = "Invalid ignore_changes"
	sumPrecondition = "Precondition does not hold"

	sumExactlyOne = "Exactly one of several attributes needed"
	sumColumn     = "Column without a CSV file"
)

// DiagnosticDoc documents one diagnostic for the reference.
type DiagnosticDoc struct {
	Summary string
	When    string
	Remedy  string
	Warning bool // sometimes or always a warning
}

// Diagnostics lists the diagnostics of this package in the order in which a
// configuration is read. Besides these, the language library reports mistakes
// of syntax and failed function calls in its own words, and each kind those of
// its own rules.
func Diagnostics() []DiagnosticDoc {
	return []DiagnosticDoc{
		{Summary: sumFolder, When: "The folder does not exist or may not be read.", Remedy: "Check --chdir and the folder's permissions."},
		{Summary: sumEmptyFolder, When: "The folder holds no *.teams.hcl file.", Remedy: "Run `teamsform init --example quickstart` or `teamsform export`."},
		{Summary: sumStopped, When: "Loading was interrupted.", Remedy: "Run the command again."},
		{Summary: sumNoFile, When: "A path names nothing.", Remedy: "Correct the path; it is relative to the folder and written with \"/\"."},
		{Summary: sumUnreadable, When: "A file exists and cannot be read.", Remedy: "Check its permissions."},
		{Summary: sumModuleSource, When: "source of a module is not a text, not a local folder, or leads back to itself.", Remedy: "Name a folder relative to the file."},
		{Summary: sumInModule, When: "A module holds a block that belongs to the configuration itself.", Remedy: "Move it to the folder that uses the module."},
		{Summary: sumAddress, When: "from or to is not an address.", Remedy: "Write it as a reference, such as app.helpdesk."},
		{Summary: sumMoved, When: "A moved block joins different types, or says nothing.", Remedy: "Correct the addresses, or remove the block."},
		{Summary: sumRemoved, When: "A removed block is about something that is still declared.", Remedy: "Remove one of the two."},
		{Summary: sumImport, When: "Two import blocks lead to one address.", Remedy: "Remove one of them."},
		{Summary: sumPattern, When: "The pattern of an ignore block cannot be read.", Remedy: "Use * and ?."},
		{Summary: sumOutside, When: "A path is absolute, climbs out of the folder, or is a link that leads out.", Remedy: "Copy the file into the folder."},

		{Summary: sumStrayAttribute, When: "A line name = value stands outside of any block.", Remedy: "Move it into a block, into locals, or into a file of values."},
		{Summary: sumUnknownBlock, When: "A block type does not exist, or not at this place.", Remedy: "Correct the spelling, or write it as an attribute."},
		{Summary: sumUnknownAttribute, When: "An attribute does not exist in this block.", Remedy: "Correct the spelling, or write it as a block."},
		{Summary: sumLater, When: "The language has the block type, this version does not.", Remedy: "Remove the block or use a newer version."},
		{Summary: sumLabels, When: "A block has too few or too many labels.", Remedy: "Write the header as the message shows it."},
		{Summary: sumName, When: "A label is not a name.", Remedy: "Use letters, digits, \"_\" and \"-\", starting with a letter."},
		{Summary: sumDuplicateBlock, When: "A block that may stand once stands twice.", Remedy: "Merge the two."},
		{Summary: sumDuplicateName, When: "Two blocks have the same address.", Remedy: "Rename or remove one."},
		{Summary: sumMissing, When: "A required attribute is absent or null.", Remedy: "Write it."},
		{Summary: sumComputed, When: "An attribute that is computed from files is written.", Remedy: "Remove it."},
		{Summary: sumServiceMakes, When: "An id that the service makes is written.", Remedy: "Remove it; refer to it from other blocks."},
		{Summary: sumUnknownWord, When: "A text is not one of the words that are allowed.", Remedy: "Use one of the words in the message."},
		{Summary: schema.WrongType, When: "A value has another type than the attribute.", Remedy: "Write a value of the type in the message."},

		{Summary: sumBadVersion, When: "required_version cannot be read.", Remedy: "Write, for instance, \">= 0.1\"."},
		{Summary: sumWrongVersion, When: "This program's version does not fit required_version.", Remedy: "Use a version that fits."},
		{Summary: sumNoRoot, When: "A configuration for microsoft365 has no root.", Remedy: "Write root in the teamsform block."},
		{Summary: sumDriver, When: "An attribute of the tenant block belongs to the other driver.", Remedy: "Remove it or change the driver."},
		{Summary: sumLimit, When: "A guard's limit is neither a count nor a share.", Remedy: "Write a count, or for some guards a share such as \"10%\"."},
		{Summary: sumEarly, When: "A settings block, or the validation of a variable, reads something other than variables.", Remedy: "Use a variable, or write the value out."},

		{Summary: sumNoValue, When: "A variable has neither a default nor a value.", Remedy: "Give a value with --var, in a file, or in the environment."},
		{Summary: sumVarType, When: "A variable's value or default does not fit its type.", Remedy: "Give a value of that type."},
		{Summary: sumVarNull, When: "A variable with nullable = false is null.", Remedy: "Give another value."},
		{Summary: sumVarInvalid, When: "The condition of a validation block is false.", Remedy: "As the message of the block says."},
		{Summary: sumVarFile, When: "A file named by --var-file cannot be read.", Remedy: "Check the path; it is relative to the working directory."},
		{Summary: sumVarFlag, When: "--var is not of the form name=value.", Remedy: "Write --var 'name=value'."},
		{Summary: sumValuesBlock, When: "A file of values holds a block.", Remedy: "Move the block into a *.teams.hcl file."},
		{Summary: sumUndeclaredValue, When: "A value is given for a variable that is not declared: an error on the command line, a warning in a file.", Remedy: "Declare the variable, or remove the value.", Warning: true},

		{Summary: sumUnknownName, When: "A reference names nothing that is declared.", Remedy: "Correct the spelling, or declare it; put a text in quotes."},
		{Summary: sumNoName, When: "A reference ends too early, such as app alone.", Remedy: "Name one, as in app.NAME."},
		{Summary: sumNoAttribute, When: "A block has no such attribute.", Remedy: "Correct the spelling."},
		{Summary: sumNoKey, When: "A for_each block has no such key.", Remedy: "Use one of its keys."},
		{Summary: sumAbsent, When: "A reference leads to a block or key whose when is false.", Remedy: "Refer to it only while it is on, for instance with try()."},
		{Summary: sumSelf, When: "A block or local value refers to itself.", Remedy: "Write the value out, or use locals."},
		{Summary: sumCycle, When: "Blocks refer to each other in a circle.", Remedy: "Remove one of the references."},
		{Summary: sumEach, When: "each is used in a block without for_each.", Remedy: "Add for_each."},
		{Summary: sumForEach, When: "for_each is not a map or set of texts, or its keys cannot be used.", Remedy: "As the message says; toset() makes a set of a list."},
		{Summary: sumCondition, When: "A condition or when is not true or false.", Remedy: "Write a comparison."},
		{Summary: sumDependsOn, When: "depends_on holds something other than names of blocks.", Remedy: "Write [app.helpdesk]."},
		{Summary: sumLate, When: "A text, condition, function or key is computed from an id that the service makes.", Remedy: "Pass the value on whole, or use a name that the configuration gives."},
		{Summary: sumOpaque, When: "A whole block, or a list of people, stands where a value is needed.", Remedy: "Name an attribute; pass lists of people on whole."},
		{Summary: sumSensitiveOutput, When: "An output is computed from a sensitive value and is not sensitive.", Remedy: "Add sensitive = true."},

		{Summary: sumModel, When: "A kind does not exist on the tenant's access model.", Remedy: "Remove the block, or correct access_model."},
		{Summary: sumReserved, When: "A label would stand for an object that every tenant has.", Remedy: "Write the name out, or choose another label."},
		{Summary: sumSameKey, When: "Two objects of a kind have the same name in the tenant.", Remedy: "Rename or remove one."},
		{Summary: sumIgnore, When: "ignore_changes names no attribute, or no part of one.", Remedy: "Correct the spelling."},
		{Summary: sumPrecondition, When: "The condition of a precondition block is false.", Remedy: "As the message of the block says."},

		{Summary: sumExactlyOne, When: "None or several of a group of attributes are given.", Remedy: "Write exactly one."},
		{Summary: sumColumn, When: "column is given without csv.", Remedy: "Remove it."},
		{Summary: people.SumBadName, When: "A name is neither a user principal name nor an object id.", Remedy: "Correct the row."},
		{Summary: people.SumRepeated, When: "A list names a person twice.", Remedy: "Remove one of the two.", Warning: true},
		{Summary: people.SumUTF16, When: "A CSV file is written in UTF-16.", Remedy: "Save it as UTF-8."},
		{Summary: people.SumNotUTF8, When: "A CSV file has bytes that are not UTF-8.", Remedy: "Save it as UTF-8."},
		{Summary: people.SumEmpty, When: "A CSV file has no header.", Remedy: "Name the columns in the first row."},
		{Summary: people.SumColumn, When: "A CSV file has no column of the given name.", Remedy: "Correct column, or the header."},
		{Summary: people.SumQuote, When: "A quoted field of a CSV file is not closed.", Remedy: "Close the quote, or double one that belongs to the text."},
	}
}
