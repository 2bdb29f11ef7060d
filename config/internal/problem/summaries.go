package problem

import (
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/internal/schema"
)

// The summaries of this package's diagnostics. Each is fixed wording, so that
// equal problems read equal.
const (
	Folder      = "Folder cannot be read"
	EmptyFolder = "No configuration in this folder"
	Stopped     = "Loading interrupted"
	NoFile      = "File not found"
	Unreadable  = "File cannot be read"
	Outside     = "Path leaves the folder"

	StrayAttribute   = "Attribute outside a block"
	UnknownBlock     = "Unknown block"
	UnknownAttribute = "Unknown attribute"
	Later            = "Not supported by this version"
	Labels           = "Wrong number of labels"
	Name             = "Invalid name"
	DuplicateBlock   = "Block written twice"
	DuplicateName    = "Name declared twice"
	Missing          = "Missing attribute"
	Computed         = "Attribute is computed"
	ServiceMakes     = "Attribute is made by the service"
	UnknownWord      = "Unknown word"

	BadVersion   = "Invalid version constraint"
	WrongVersion = "Version does not fit"
	NoRoot       = "Configuration without a name"
	Driver       = "Attribute of another driver"
	Limit        = "Invalid limit"
	Early        = "Only variables can be read here"

	NoValue         = "No value for variable"
	VarType         = "Invalid value for variable"
	VarNull         = "Variable must not be null"
	VarInvalid      = "Value refused by validation"
	VarFile         = "Values file cannot be read"
	VarFlag         = "Invalid --var"
	ValuesBlock     = "Block in a file of values"
	UndeclaredValue = "Value for an undeclared variable"

	UnknownName     = "Unknown name"
	NoName          = "Incomplete reference"
	NoAttribute     = "No such attribute"
	NoKey           = "No such key"
	Absent          = "Reference to a block that is switched off"
	Self            = "Reference to itself"
	Cycle           = "Circular references"
	Each            = "each without for_each"
	ForEach         = "Invalid for_each"
	Condition       = "Invalid condition"
	DependsOn       = "Invalid depends_on"
	Late            = "Value is known after apply"
	Opaque          = "Block used as a value"
	SensitiveOutput = "Output would show a sensitive value"

	ModuleSource = "Invalid module source"
	InModule     = "Not in a module"
	Address      = "Invalid address"
	Moved        = "Invalid move"
	Removed      = "Removed and declared"
	Import       = "Imported twice"
	Pattern      = "Invalid pattern"
	Model        = "Not on this access model"
	Reserved     = "Reserved name must be written out"
	SameKey      = "Two objects with the same name"
	Ignore       = "Invalid ignore_changes"
	Precondition = "Precondition does not hold"

	ExactlyOne = "Exactly one of several attributes needed"
	Column     = "Column without a CSV file"
)

// Doc documents one diagnostic for the reference.
type Doc struct {
	Summary string
	When    string
	Remedy  string
	Warning bool // sometimes or always a warning
}

// Docs lists the diagnostics of this package in the order in which a
// configuration is read. Besides these, the language library reports mistakes
// of syntax and failed function calls in its own words, and each kind those of
// its own rules.
func Docs() []Doc {
	return []Doc{
		{Summary: Folder, When: "The folder does not exist or may not be read.", Remedy: "Check --chdir and the folder's permissions."},
		{Summary: EmptyFolder, When: "The folder holds no *.teams.hcl file.", Remedy: "Run `teamsform init --example quickstart` or `teamsform export`."},
		{Summary: Stopped, When: "Loading was interrupted.", Remedy: "Run the command again."},
		{Summary: NoFile, When: "A path names nothing.", Remedy: "Correct the path; it is relative to the folder and written with \"/\"."},
		{Summary: Unreadable, When: "A file exists and cannot be read.", Remedy: "Check its permissions."},
		{Summary: ModuleSource, When: "source of a module is not a text, not a local folder, or leads back to itself.", Remedy: "Name a folder relative to the file."},
		{Summary: InModule, When: "A module holds a block that belongs to the configuration itself.", Remedy: "Move it to the folder that uses the module."},
		{Summary: Address, When: "from or to is not an address.", Remedy: "Write it as a reference, such as app.helpdesk."},
		{Summary: Moved, When: "A moved block joins different types, says nothing, is about what is still declared, or contradicts another one.", Remedy: "Correct the addresses, or remove the block."},
		{Summary: Removed, When: "A removed block is about something that is still declared.", Remedy: "Remove one of the two."},
		{Summary: Import, When: "Two import blocks lead to one address.", Remedy: "Remove one of them."},
		{Summary: Pattern, When: "The pattern of an ignore block cannot be read.", Remedy: "Use * and ?."},
		{Summary: Outside, When: "A path is absolute, climbs out of the folder, or is a link that leads out.", Remedy: "Copy the file into the folder."},

		{Summary: StrayAttribute, When: "A line name = value stands outside of any block.", Remedy: "Move it into a block, into locals, or into a file of values."},
		{Summary: UnknownBlock, When: "A block type does not exist, or not at this place.", Remedy: "Correct the spelling, or write it as an attribute."},
		{Summary: UnknownAttribute, When: "An attribute does not exist in this block.", Remedy: "Correct the spelling, or write it as a block."},
		{Summary: Later, When: "The language has the block type, this version does not.", Remedy: "Remove the block or use a newer version."},
		{Summary: Labels, When: "A block has too few or too many labels.", Remedy: "Write the header as the message shows it."},
		{Summary: Name, When: "A label is not a name.", Remedy: "Use letters, digits, \"_\" and \"-\", starting with a letter."},
		{Summary: DuplicateBlock, When: "A block that may stand once stands twice.", Remedy: "Merge the two."},
		{Summary: DuplicateName, When: "Two blocks have the same address.", Remedy: "Rename or remove one."},
		{Summary: Missing, When: "A required attribute is absent or null.", Remedy: "Write it."},
		{Summary: Computed, When: "An attribute that is computed from files is written.", Remedy: "Remove it."},
		{Summary: ServiceMakes, When: "An id that the service makes is written.", Remedy: "Remove it; refer to it from other blocks."},
		{Summary: UnknownWord, When: "A text is not one of the words that are allowed.", Remedy: "Use one of the words in the message."},
		{Summary: schema.WrongType, When: "A value has another type than the attribute.", Remedy: "Write a value of the type in the message."},

		{Summary: BadVersion, When: "required_version cannot be read.", Remedy: "Write, for instance, \">= 0.1\"."},
		{Summary: WrongVersion, When: "This program's version does not fit required_version.", Remedy: "Use a version that fits."},
		{Summary: NoRoot, When: "A configuration for microsoft365 has no root.", Remedy: "Write root in the teamsform block."},
		{Summary: Driver, When: "An attribute of the tenant block belongs to the other driver.", Remedy: "Remove it or change the driver."},
		{Summary: Limit, When: "A guard's limit is neither a count nor a share.", Remedy: "Write a count, or for some guards a share such as \"10%\"."},
		{Summary: Early, When: "A settings block, or the validation of a variable, reads something other than variables.", Remedy: "Use a variable, or write the value out."},

		{Summary: NoValue, When: "A variable has neither a default nor a value.", Remedy: "Give a value with --var, in a file, or in the environment."},
		{Summary: VarType, When: "A variable's value or default does not fit its type.", Remedy: "Give a value of that type."},
		{Summary: VarNull, When: "A variable with nullable = false is null.", Remedy: "Give another value."},
		{Summary: VarInvalid, When: "The condition of a validation block is false.", Remedy: "As the message of the block says."},
		{Summary: VarFile, When: "A file named by --var-file cannot be read.", Remedy: "Check the path; it is relative to the working directory."},
		{Summary: VarFlag, When: "--var is not of the form name=value.", Remedy: "Write --var 'name=value'."},
		{Summary: ValuesBlock, When: "A file of values holds a block.", Remedy: "Move the block into a *.teams.hcl file."},
		{Summary: UndeclaredValue, When: "A value is given for a variable that is not declared: an error on the command line, a warning in a file.", Remedy: "Declare the variable, or remove the value.", Warning: true},

		{Summary: UnknownName, When: "A reference names nothing that is declared.", Remedy: "Correct the spelling, or declare it; put a text in quotes."},
		{Summary: NoName, When: "A reference ends too early, such as app alone.", Remedy: "Name one, as in app.NAME."},
		{Summary: NoAttribute, When: "A block has no such attribute.", Remedy: "Correct the spelling."},
		{Summary: NoKey, When: "A for_each block has no such key.", Remedy: "Use one of its keys."},
		{Summary: Absent, When: "A reference leads to a block or key whose when is false.", Remedy: "Refer to it only while it is on, for instance with try()."},
		{Summary: Self, When: "A block or local value refers to itself.", Remedy: "Write the value out, or use locals."},
		{Summary: Cycle, When: "Blocks refer to each other in a circle.", Remedy: "Remove one of the references."},
		{Summary: Each, When: "each is used in a block without for_each.", Remedy: "Add for_each."},
		{Summary: ForEach, When: "for_each is not a map or set of texts, or its keys cannot be used.", Remedy: "As the message says; toset() makes a set of a list."},
		{Summary: Condition, When: "A condition or when is not true or false.", Remedy: "Write a comparison."},
		{Summary: DependsOn, When: "depends_on holds something other than names of blocks.", Remedy: "Write [app.helpdesk]."},
		{Summary: Late, When: "A text, condition, function or key is computed from an id that the service makes.", Remedy: "Pass the value on whole, or use a name that the configuration gives."},
		{Summary: Opaque, When: "A whole block, or a list of people, stands where a value is needed.", Remedy: "Name an attribute; pass lists of people on whole."},
		{Summary: SensitiveOutput, When: "An output is computed from a sensitive value and is not sensitive.", Remedy: "Add sensitive = true."},

		{Summary: Model, When: "A kind or attribute does not exist on the tenant's access model.", Remedy: "Remove it, or correct access_model."},
		{Summary: Reserved, When: "A label would stand for an object that every tenant has.", Remedy: "Write the name out, or choose another label."},
		{Summary: SameKey, When: "Two objects of a kind have the same name in the tenant.", Remedy: "Rename or remove one."},
		{Summary: Ignore, When: "ignore_changes names no attribute, or no part of one.", Remedy: "Correct the spelling."},
		{Summary: Precondition, When: "The condition of a precondition block is false.", Remedy: "As the message of the block says."},

		{Summary: ExactlyOne, When: "None or several of a group of attributes are given.", Remedy: "Write exactly one."},
		{Summary: Column, When: "column is given without csv.", Remedy: "Remove it."},
		{Summary: people.SumBadName, When: "A name is neither a user principal name nor an object id.", Remedy: "Correct the row."},
		{Summary: people.SumRepeated, When: "A list names a person twice.", Remedy: "Remove one of the two.", Warning: true},
		{Summary: people.SumUTF16, When: "A CSV file is written in UTF-16.", Remedy: "Save it as UTF-8."},
		{Summary: people.SumNotUTF8, When: "A CSV file has bytes that are not UTF-8.", Remedy: "Save it as UTF-8."},
		{Summary: people.SumEmpty, When: "A CSV file has no header.", Remedy: "Name the columns in the first row."},
		{Summary: people.SumColumn, When: "A CSV file has no column of the given name.", Remedy: "Correct column, or the header."},
		{Summary: people.SumQuote, When: "A quoted field of a CSV file is not closed.", Remedy: "Close the quote, or double one that belongs to the text."},
	}
}
