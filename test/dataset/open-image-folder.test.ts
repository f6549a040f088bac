import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, expect, test } from "vitest";
import { loadDataset, loadManifest } from "../../src/dataset/open-dataset.ts";
import { loadImageCodec } from "../../src/dataset/image-codec.ts";
import { problemsOf, summarise } from "./load-for-test.ts";
import { temporaryFolder } from "./write-datasets.ts";
import { type DrawnImage, drawImage, writeImages } from "./write-image-folder.ts";

const smallFolder: Readonly<Record<string, DrawnImage>> = {
  "train/dog/b.png": { colour: [1, 2, 3] },
  "train/dog/a.png": { colour: [4, 5, 6] },
  "train/cat/x.jpg": { colour: [200, 100, 0] },
  "test/cat/y.PNG.jpeg": {},
};

async function folderOf(images: Readonly<Record<string, DrawnImage>> = smallFolder): Promise<string> {
  const folder = temporaryFolder({});
  await writeImages(folder, images);
  return folder;
}

async function manifestOf(folder: string) {
  const loaded = await loadManifest({ format: "images", folder }, "/");
  assert("manifest" in loaded, JSON.stringify(loaded));
  return loaded.manifest;
}

const problems = (folder: string) => problemsOf({ format: "images", folder });

describe("a folder of images", () => {
  test("has the subfolders of train as classes, sorted, and the images of each in the order of their names", async () => {
    const loaded = await loadDataset({ format: "images", folder: await folderOf() }, "/");

    assert("dataset" in loaded);
    const { manifest, train } = loaded.dataset;
    expect(manifest).toMatchObject({
      format: "images",
      classNames: ["cat", "dog"],
      trainExamples: 3,
      testExamples: 1,
      classCounts: { train: [1, 2], test: [1, 0] },
      imageShape: [4, 4, 3],
    });
    expect(manifest.mixedSizes).toBeUndefined();
    assert("names" in train);
    expect(train.names).toEqual(["train/cat/x.jpg", "train/dog/a.png", "train/dog/b.png"]);
    expect([...train.labels]).toEqual([0, 1, 1]);
  });

  test("keeps images in memory as they are stored", async () => {
    const folder = await folderOf();
    const loaded = await loadDataset({ format: "images", folder }, "/");

    assert("dataset" in loaded && "encoded" in loaded.dataset.train);
    const { encoded, offsets } = loaded.dataset.train;
    const second = encoded.slice(offsets[1], offsets[2]);
    expect(Buffer.from(second)).toEqual(readFileSync(join(folder, "train/dog/a.png")));
    const stored = ["train/cat/x.jpg", "train/dog/a.png", "train/dog/b.png", "test/cat/y.PNG.jpeg"];
    const sizes = stored.map((name) => readFileSync(join(folder, name)).length);
    expect(loaded.dataset.manifest.storedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test("may have a validation part of its own", async () => {
    const folder = await folderOf({ ...smallFolder, "validation/dog/v.png": {} });

    const loaded = await loadDataset({ format: "images", folder }, "/");

    assert("dataset" in loaded);
    expect(loaded.dataset.manifest.validationExamples).toBe(1);
    expect([...(loaded.dataset.validation?.labels ?? [])]).toEqual([1]);
  });

  test("is grey only if every image is", async () => {
    const grey = { "train/a/1.png": { colour: 9 }, "train/b/1.jpg": { colour: 9 }, "test/a/1.png": { colour: 9 } };

    expect((await manifestOf(await folderOf(grey))).imageShape).toEqual([4, 4, 1]);
    expect((await manifestOf(await folderOf({ ...grey, "test/b/c.png": {} }))).imageShape).toEqual([4, 4, 3]);
  });

  test("of several sizes says so with the first files, and has the smallest sides as its shape", async () => {
    const folder = await folderOf({
      ...smallFolder,
      "train/dog/c.png": { height: 3, width: 9 },
      "test/dog/d.png": { height: 7, width: 4 },
    });

    const { imageShape, mixedSizes } = await manifestOf(folder);

    expect(imageShape).toEqual([3, 4, 3]);
    expect(mixedSizes).toEqual(["train/cat/x.jpg is 4×4", "train/dog/c.png is 3×9", "test/dog/d.png is 7×4"]);
  });

  test("counts height and width as they are seen, whatever way the camera was held", async () => {
    const turned = { height: 3, width: 5, orientation: 6 };

    const folder = await folderOf({ "train/a/1.jpg": turned, "train/b/1.jpg": turned, "test/a/1.jpg": turned });

    expect((await manifestOf(folder)).imageShape).toEqual([5, 3, 3]);
  });

  test("has the same identity under other names, and another one with any other byte, class or place", async () => {
    const folder = await folderOf();
    const { sha256 } = await manifestOf(folder);
    renameSync(join(folder, "train/dog/a.png"), join(folder, "train/dog/a1.png"));
    expect((await manifestOf(folder)).sha256).toBe(sha256);

    renameSync(join(folder, "train/dog/a1.png"), join(folder, "train/dog/z.png"));
    expect((await manifestOf(folder)).sha256).not.toBe(sha256);
    renameSync(join(folder, "train/dog/z.png"), join(folder, "train/cat/z.png"));
    expect((await manifestOf(folder)).sha256).not.toBe(sha256);
  });

  test("may hold what file managers leave behind", async () => {
    const folder = await folderOf();
    writeFileSync(join(folder, "train/dog/.DS_Store"), "x");
    writeFileSync(join(folder, "train/Thumbs.db"), "x");

    expect((await manifestOf(folder)).trainExamples).toBe(3);
  });
});

describe("all that is wrong with a folder of images is told at once", () => {
  test("damaged images by name: empty, cut off, changed, something else", async () => {
    const folder = await folderOf();
    const png = await drawImage("a.png", { height: 20, width: 20 });
    const jpeg = await drawImage("a.jpg", { height: 20, width: 20 });
    const flipped = Buffer.from(png);
    flipped[50] = (flipped[50] ?? 0) ^ 1;
    writeFileSync(join(folder, "train/cat/1-empty.png"), "");
    writeFileSync(join(folder, "train/cat/2-cut.png"), png.subarray(0, -20));
    writeFileSync(join(folder, "train/dog/3-cut.jpg"), jpeg.subarray(0, -20));
    writeFileSync(join(folder, "train/dog/4-flipped.png"), flipped);
    writeFileSync(join(folder, "test/cat/5-page.jpg"), "<html>");

    const found = await problems(folder);

    expect(summarise(found)).toEqual([
      "corrupt-image 1-empty.png",
      "corrupt-image 2-cut.png",
      "corrupt-image 3-cut.jpg",
      "corrupt-image 4-flipped.png",
      "corrupt-image 5-page.jpg",
    ]);
    expect(found.map(({ message }) => message)).toEqual([
      "the file is empty",
      "the PNG file is cut off",
      "the JPEG file is cut off",
      "the PNG data are damaged (wrong checksum)",
      "it is neither a PNG nor a JPEG image; this is a web page",
    ]);
  });

  test("a part that is missing", async () => {
    const folder = await folderOf();
    rmSync(join(folder, "test"), { recursive: true });

    expect(summarise(await problems(folder))).toEqual(["missing-file test"]);
  });

  test("no test image, a training class without one, and a single class", async () => {
    const folder = temporaryFolder({});
    for (const name of ["train/cat", "test/cat"]) mkdirSync(join(folder, name), { recursive: true });

    expect(summarise(await problems(folder))).toEqual(["empty cat", "empty train"]);
  });

  test("a class that only the test part has", async () => {
    const found = await problems(await folderOf({ ...smallFolder, "test/bird/1.png": {} }));

    expect(found).toMatchObject([{ code: "unknown-class", message: 'there is no class "bird" in train' }]);
  });

  test("files that are no images", async () => {
    const folder = await folderOf();
    writeFileSync(join(folder, "train/labels.csv"), "x");
    writeFileSync(join(folder, "train/dog/notes.txt"), "x");
    mkdirSync(join(folder, "test/cat/deeper"));

    expect([...summarise(await problems(folder))].sort()).toEqual([
      "unexpected-file deeper",
      "unexpected-file labels.csv",
      "unexpected-file notes.txt",
    ]);
  });
});

describe("a decoded image", () => {
  test("has its pixels as bytes, in RGB", async () => {
    const codec = await loadImageCodec();

    const { height, width, pixels } = await codec.decode(await drawImage("a.png", { height: 1, width: 2 }), 3);

    expect([height, width, ...pixels]).toEqual([1, 2, 10, 20, 30, 10, 20, 30]);
  });

  test("that is grey has three equal channels among colour images", async () => {
    const codec = await loadImageCodec();

    const { pixels } = await codec.decode(await drawImage("a.png", { height: 1, width: 1, colour: 77 }), 3);

    expect([...pixels]).toEqual([77, 77, 77]);
  });

  test("loses its transparency", async () => {
    const codec = await loadImageCodec();
    const image = { height: 1, width: 1, colour: [9, 8, 7, 0] };

    expect([...(await codec.decode(await drawImage("a.png", image), 3)).pixels]).toEqual([9, 8, 7]);
  });
});
