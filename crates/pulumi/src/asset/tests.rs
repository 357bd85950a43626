//! Assets and archives: hashes as Go's, ZIP files that others can read, and what is refused.

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use super::*;

/// A folder of files by their paths.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let path = dir.path().to_str().expect("a path").to_owned();
    (dir, path)
}

fn said<T: fmt::Debug>(result: Result<T, Error>, place: &str) -> String {
    let cwd = std::env::current_dir().expect("a folder");
    let said = result.expect_err("it is refused").to_string();
    said.replace(place, "<dir>").replace(&cwd.display().to_string(), "<cwd>")
}

/// The hashes are what Go 1.26's `archive/tar` makes, with the header that Pulumi gives it.
#[test]
fn an_archive_has_the_hash_of_gos_tar() {
    let x512 = "x".repeat(512);
    let (d80, d200) =
        (format!("{}/{}", "d".repeat(80), "f".repeat(60)), format!("{}/{}", "d".repeat(200), "f".repeat(20)));
    let (f120, e60) = ("f".repeat(120), format!("{}/{}/x", "é".repeat(60), "d".repeat(99)));
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], archive::EMPTY),
        (
            &[("index.js", "exports.handler = () => 1;\n")],
            "28a3cf5b7557c248957e9db2508df1a5c9cc323144a4424fa77ddaf9ce20e847",
        ),
        (
            &[("a/b.txt", "b"), ("a.txt", &x512), ("z", "")],
            "9271dadd0c228b42219751b590dd5934860bbcff95c27e01a36a9f08c29ec55f",
        ),
        (&[(&d80, "long")], "a898be7122a91809faf861bd97cad6dfffd559e28aa8376157baf335dd234609"),
        (&[(&f120, "too long")], "cf68c4fa18d9508eb2f5968cf3065e5f7486f2dd00982300fe7622c0d960f1a9"),
        (&[("ünï/ä.txt", "umlaut")], "95123bcdf58a0afb9562fc4d21c0095751e2d3cd03e2bfa798d6905e78060d25"),
        (&[(&e60, "long umlaut")], "06b46a0ad54b48d0cf0f6ca0671a9241fe6536bb60c1f329d1093763133a1632"),
        (&[(&d200, "long folder")], "37e547f992d8cad99ce07a73482521f709888667c78790f8b964bf1a8f376d3c"),
    ];
    for (files, hash) in cases {
        let named: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        assert_eq!(tar::hash(&named).expect("a hash"), hash, "{files:?}");
    }
    let (_dir, path) = folder(cases[2].0);
    assert_eq!(Archive::directory(path).hashed().expect("a hash").hash(), Some(cases[2].1), "walked as Go walks");
}

#[test]
fn a_tree_is_the_same_however_it_is_given() {
    let (dir, path) = folder(&[("lib/a.js", "a"), ("lib/deep/b.js", "b"), (".pulumi/state", "s")]);
    symlink("a.js", dir.path().join("lib/c.js")).expect("a link");
    let walked = Archive::directory(&path).hashed().expect("a hash");
    let lib = Archive::directory(dir.path().join("lib").to_str().expect("a path"));
    let b = Asset::file(dir.path().join("lib/deep/b.js").to_str().expect("a path"));
    let deep =
        Archive::assets([("lib/a.js", Asset::string("a")), ("lib/c.js", Asset::string("a")), ("lib/deep/b.js", b)]);
    let deep = deep.hashed().expect("a hash");
    // one key after the other: `lib/c.js` comes before `lib/deep/b.js` here, and there
    assert_eq!(walked, deep);
    assert_eq!(walked, Archive::assets([("lib", lib)]).hashed().expect("a hash"));
    assert_eq!(walked.zip().expect("a file"), deep.zip().expect("a file"));
    let names: Vec<_> = walked.files().expect("files").into_keys().collect();
    assert_eq!(names, ["lib/a.js", "lib/c.js", "lib/deep/b.js"]);
}

/// Python reads it, and checks every checksum.
#[test]
fn a_zip_file_is_one_to_others_and_always_the_same() {
    let archive = Archive::assets([
        ("bootstrap", Asset::string("#!/bin/sh\n".repeat(1000))),
        ("ünï.txt", Asset::string("ä")),
        ("empty", Asset::string("")),
    ]);
    let zip = archive.zip().expect("a file");
    assert_eq!(zip, archive.zip().expect("a file"));
    assert!(zip.len() < 1000, "{} bytes: it is packed", zip.len());
    let (dir, _) = folder(&[]);
    let file = dir.path().join("it.zip");
    fs::write(&file, &zip).expect("a file");
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
                  for i in z.infolist(): print(i.filename, i.date_time[:3], oct(i.external_attr >> 16), i.file_size)";
    let ran = std::process::Command::new("python3").args(["-c", script]).arg(&file).output().expect("python3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let expected =
        "bootstrap (1990, 1, 1) 0o100755 10000\nempty (1990, 1, 1) 0o100755 0\nünï.txt (1990, 1, 1) 0o100755 2\n";
    assert_eq!(String::from_utf8_lossy(&ran.stdout), expected);
    // an archive file is given as it is
    let given = Archive::file(file.to_str().expect("a path")).hashed().expect("a hash");
    assert_eq!(given.zip().expect("a file"), zip);
    assert_eq!(given.hash(), Some(hex(&Sha256::digest(&zip)).as_str()));
}

#[test]
fn both_survive_the_wire() {
    let asset = |asset: Asset| asset.hashed().expect("a hash").to_value();
    let (_dir, path) = folder(&[("a", "a")]);
    let file = asset(Asset::file(format!("{path}/a")));
    let tree = Archive::assets([
        ("f", Entry::from(Asset::file(format!("{path}/a")))),
        ("d", Archive::directory(&path).into()),
    ]);
    let tree = tree.hashed().expect("a hash").to_value();
    let remote = Asset::remote("https://example.com/a").hashed().expect("the engine's business");
    assert_eq!(remote.hash(), None);
    let empty = Archive::assets::<String, Asset>([]).hashed().expect("a hash").to_value();
    for value in [file, tree, asset(Asset::string("x")), asset(Asset::string("")), remote.to_value(), empty] {
        let back = Value::from_wire(value.clone().into_wire());
        // as texts, as two of the same hash are equal
        assert_eq!(format!("{back:?}"), format!("{value:?}"));
    }
    let wire = format!("{:?}", asset(Asset::string("x")).into_wire());
    assert!(wire.contains("c44067f5952c0a294b673a41bacd8c17") && wire.contains("text"), "{wire}");
    // what the state of another machine has
    let only = |signature: &str| {
        let map = [("4dabf18193072939515e22adb298388d", signature), ("hash", "00")];
        Value::from_wire(Value::Object(map.map(|(k, v)| (k.to_owned(), v.to_value())).into()).into_wire())
    };
    let Value::Asset(gone) = only("c44067f5952c0a294b673a41bacd8c17") else { panic!("an asset") };
    let Value::Archive(gone_too) = only("0def7320c3a5731c473e5ecbe6d01bc7") else { panic!("an archive") };
    assert_eq!((gone.source(), gone_too.source()), (&AssetSource::Gone, &ArchiveSource::Gone));
    assert!(gone.bytes().is_err() && gone_too.zip().is_err());
}

#[test]
fn the_same_content_is_the_same_value() {
    let (_dir, path) = folder(&[("a", "a"), ("b", "a"), ("c", "c")]);
    let at = |name: &str| Asset::file(format!("{path}/{name}")).hashed().expect("a hash");
    assert_eq!(at("a"), at("b"));
    assert_eq!(at("a"), Asset::string("a").hashed().expect("a hash"));
    assert_ne!(at("a"), at("c"));
    assert_ne!(at("a"), Asset::file(format!("{path}/b")), "unless it is not known");
}

#[test]
fn texts_inside_a_secret_are_secret() {
    let inside = Archive::assets([("deep", Archive::assets([("a", Asset::string("t0k3n"))]))]);
    assert_eq!(inside.to_value().secret().secrets(), ["t0k3n"]);
    assert_eq!(Asset::string("t0k3n").to_value().secret().secrets(), ["t0k3n"]);
    assert!(inside.to_value().secrets().is_empty());
}

#[test]
fn what_cannot_be_read_is_named_with_a_way_out() {
    let (dir, path) = folder(&[("a", "a"), ("deep/b", "b"), ("it.tar", "t"), ("links/x", "x"), ("odd.zip/x", "x")]);
    symlink(dir.path().join("deep"), dir.path().join("links/to")).expect("a link");
    symlink("nowhere", dir.path().join("deep/broken")).expect("a link");
    let at = |name: &str| format!("{path}/{name}");
    let hashed = at("a");
    let seen = Asset::file(&hashed).hashed().expect("a hash");
    let tree = Archive::assets([("a", Asset::file(&hashed))]).hashed().expect("a hash");
    fs::write(&hashed, "changed").expect("a file");
    let told = [
        said(Asset::file("no/such.js").hashed(), &path),
        said(Asset::file(&path).hashed(), &path),
        said(Asset::remote("https://example.com/x").bytes(), &path),
        said(Asset::remote("ftp://example.com/x").hashed(), &path),
        said(seen.bytes(), &path),
        said(tree.zip(), &path),
        said(Archive::directory(at("missing")).hashed(), &path),
        said(Archive::directory(at("links")).hashed(), &path),
        said(Archive::directory(at("deep")).hashed(), &path),
        said(Archive::file(at("a")).hashed(), &path),
        said(Archive::file(at("odd.zip")).hashed(), &path),
        said(Archive::file(at("it.tar")).zip(), &path),
        said(Archive::assets([("x", Archive::file(at("it.tar")))]).hashed(), &path),
        said(Archive::assets([("../x", Asset::string(""))]).hashed(), &path),
    ];
    insta::assert_snapshot!(told.join("\n\n"));
    assert_eq!(PathBuf::from("/x"), files::local("file:///x").expect("a path"));
}
