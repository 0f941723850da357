// Filled by the module.
enum TrustPlaceholder {}
