//! Small pictures of pictures.
//!
//! **Invariants**: dimensions are looked at before anything is decoded, the decoder may allocate only so much, one
//! picture is decoded at a time and on a thread of its own, and whoever waits for it gives up after a while. A picture
//! that cannot be shown small is no error: the file has none.

use std::{io::Cursor, sync::Arc, time::Duration};

use axum::body::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use tokio::sync::Semaphore;

/// The longer side, in pixels.
pub const SIDE: u32 = 320;
/// Files that are larger get none.
pub const LARGEST_FILE: u64 = 32 << 20;
/// No side may be longer.
const LONGEST_SIDE: u32 = 20_000;
/// No picture may have more pixels: a camera's have fewer.
const MOST_PIXELS: u64 = 50_000_000;
/// What the decoder may allocate, in bytes.
const MOST_MEMORY: u64 = 256 << 20;
/// How long an upload waits for its turn and for the decoder.
const PATIENCE: Duration = Duration::from_secs(15);

/// One at a time: decoding takes memory.
static TURN: std::sync::LazyLock<Arc<Semaphore>> = std::sync::LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// What was learned about a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its width in pixels, as it is to be shown.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// The small picture.
    pub small: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
}

fn format_of(media_type: &str) -> Option<ImageFormat> {
    match media_type {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Whether small pictures are made of this type.
pub fn is_picture(media_type: &str) -> bool {
    format_of(media_type).is_some()
}

/// Makes a small picture; none when the file is no picture that can be shown within the limits.
pub async fn make(content: Bytes, media_type: &str) -> Option<Picture> {
    let format = format_of(media_type)?;
    let made = tokio::time::timeout(PATIENCE, async move {
        let turn = TURN.clone().acquire_owned().await.ok()?;
        let made = tokio::task::spawn_blocking(move || {
            // Whoever waited may be gone: the next one's turn comes when this thread is done all the same.
            let _turn = turn;
            shrink(&content, format)
        });
        made.await.ok()
    });
    match made.await {
        Ok(Some(Ok(picture))) => Some(picture),
        Ok(Some(Err(reason))) => {
            tracing::debug!(reason, "a picture has no small one");
            None
        }
        Ok(None) | Err(_) => {
            tracing::warn!("a small picture was not made in time");
            None
        }
    }
}

fn shrink(content: &[u8], format: ImageFormat) -> Result<Picture, String> {
    let said = |error: image::ImageError| error.to_string();
    let reader = || ImageReader::with_format(Cursor::new(content), format);
    let (width, height) = reader().into_dimensions().map_err(said)?;
    if width > LONGEST_SIDE || height > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = reader();
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(said)?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(format!("its pixels need {} bytes", decoder.total_bytes()));
    }
    // Cameras store how the picture is to be turned.
    let turned = decoder.orientation().map_err(said)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(said)?;
    if width > SIDE || height > SIDE {
        image = image.thumbnail(SIDE, SIDE);
    }
    image.apply_orientation(turned);
    let on_its_side = matches!(
        turned,
        image::metadata::Orientation::Rotate90
            | image::metadata::Orientation::Rotate270
            | image::metadata::Orientation::Rotate90FlipH
            | image::metadata::Orientation::Rotate270FlipH
    );
    let (width, height) = if on_its_side { (height, width) } else { (width, height) };
    let mut small = Vec::new();
    let media_type = if image.color().has_alpha() {
        DynamicImage::from(image.to_rgba8()).write_with_encoder(PngEncoder::new(&mut small)).map_err(said)?;
        "image/png"
    } else {
        image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut small, 80)).map_err(said)?;
        "image/jpeg"
    };
    Ok(Picture { width, height, small, media_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    #[tokio::test]
    async fn a_picture_becomes_small() {
        for format in ["image/png", "image/jpeg", "image/gif", "image/webp"] {
            let mut file = Cursor::new(Vec::new());
            DynamicImage::new_rgb8(800, 400).write_to(&mut file, format_of(format).unwrap()).unwrap();
            let picture = make(file.into_inner().into(), format).await.expect(format);
            assert_eq!((picture.width, picture.height), (800, 400));
            let small = image::load_from_memory(&picture.small).unwrap();
            assert_eq!((small.width(), small.height()), (320, 160), "{format}");
        }
    }

    #[tokio::test]
    async fn what_is_transparent_stays_so_and_small_ones_stay_as_they_are() {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(20, 10).write_to(&mut file, ImageFormat::Png).unwrap();
        let picture = make(file.into_inner().into(), "image/png").await.unwrap();
        assert_eq!(picture.media_type, "image/png");
        assert_eq!(image::load_from_memory(&picture.small).unwrap().width(), 20);
    }

    /// A file of a few hundred bytes that says that it is huge: the header is believed before anything is allocated.
    #[tokio::test]
    async fn a_bomb_is_not_opened() {
        let mut bomb = png(1, 1);
        // The dimensions stand behind the signature and the chunk's head; their checksum is made right again.
        bomb[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        let refused = shrink(&bomb, ImageFormat::Png).unwrap_err();
        assert!(refused.contains("50000 x 50000 pixels are too many"), "{refused}");
        assert_eq!(make(bomb.into(), "image/png").await, None);
        // Within the sides, but more than may be allocated or shown.
        let wide = png(20_000, 1);
        assert!(shrink(&wide, ImageFormat::Png).is_ok());
        let mut many = png(1, 1);
        many[16..20].copy_from_slice(&19_000_u32.to_be_bytes());
        many[20..24].copy_from_slice(&19_000_u32.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&many[12..29]);
        many[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        assert!(shrink(&many, ImageFormat::Png).unwrap_err().contains("too many"));
        // As many as are taken, but of eight bytes each.
        let mut deep = png(1, 1);
        deep[16..20].copy_from_slice(&7_000_u32.to_be_bytes());
        deep[20..24].copy_from_slice(&7_000_u32.to_be_bytes());
        (deep[24], deep[25]) = (16, 6);
        let mut crc = flate2::Crc::new();
        crc.update(&deep[12..29]);
        deep[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        let refused = shrink(&deep, ImageFormat::Png).unwrap_err();
        assert!(refused.contains("392000000 bytes") || refused.contains("limit"), "{refused}");
    }

    #[tokio::test]
    async fn damaged_pictures_have_no_small_one() {
        let whole = png(400, 400);
        for file in [whole[..whole.len() / 2].to_vec(), b"\x89PNG\r\n\x1a\n<script>".to_vec(), vec![]] {
            assert_eq!(make(file.into(), "image/png").await, None);
        }
        assert_eq!(make(png(4, 4).into(), "image/svg+xml").await, None);
    }
}
