//! `#[derive(FromRow)]` for `platform::db::FromRow`: each field is read from the column of its name, or of the name in
//! `#[column = "..."]`.

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Error, Expr, Field, Fields, Lit, Meta, parse_macro_input};

/// Derives `platform::db::FromRow`.
#[proc_macro_derive(FromRow, attributes(column))]
pub fn from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    implementation(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn implementation(input: &DeriveInput) -> Result<proc_macro2::TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a row is a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a row has named fields"));
    };
    let mut reads = Vec::new();
    for field in &fields.named {
        let (name, column) = (&field.ident, column(field)?);
        reads.push(quote! { #name: row.get(#column)? });
    }
    let (name, (generics, arguments, bounds)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        impl #generics ::platform::db::FromRow for #name #arguments #bounds {
            fn from_row(row: &::platform::db::Row<'_>) -> ::core::result::Result<Self, ::platform::db::DbError> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}

/// The name of the field's column.
fn column(field: &Field) -> Result<String, Error> {
    for attribute in &field.attrs {
        let Meta::NameValue(meta) = &attribute.meta else { continue };
        if !meta.path.is_ident("column") {
            continue;
        }
        if let Expr::Lit(value) = &meta.value
            && let Lit::Str(name) = &value.lit
        {
            return Ok(name.value());
        }
        return Err(Error::new_spanned(&meta.value, "write the name of the column in quotes"));
    }
    let name = field.ident.to_token_stream().to_string();
    Ok(name.strip_prefix("r#").unwrap_or(&name).to_owned())
}
