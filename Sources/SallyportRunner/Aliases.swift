internal import SallyportLedger
internal import SallyportPackages

typealias Entry = SallyportLedger.Entry
typealias PackageEntry = SallyportPackages.Entry
