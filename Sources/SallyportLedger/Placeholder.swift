// Filled by the module.
enum LedgerPlaceholder {}
